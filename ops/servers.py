"""What dstack's server has in its code about VM images.

Source: dstack 0.22.5, `src/dstack/_internal/core/backends/{aws/resources,azure/compute,gcp/compute}
.py`; up to 0.22.3 Azure's gallery was looked up, since 0.22.4 its address is only written down.
"""

#: Owner of AMIs, community gallery, group of images with a prefix, project.
AWS_ACCOUNT = "142421590066"
AZURE_GALLERY = "dstack-ebac134d-04b9-4c2b-8b6c-ad3e73904aa7"
AZURE_GROUP = "dstack-resources-westeurope"
GCP_PROJECT = "dstack"

#: Generations of servers, by how they find an image.
ALL = "all"
LOOKING = "to 0.22.3"
WRITING = "from 0.22.4"

_MACHINES = {
    ("aws", "cpu"): "without a GPU",
    ("aws", "cuda"): "none: with a GPU, servers boot Amazon's image",
    ("azure", "cpu"): "without a GPU",
    ("azure", "cuda"): "with a GPU, but no A10",
    ("azure", "grid"): "with an A10",
    ("gcp", "cpu"): "without a GPU",
    ("gcp", "cuda"): "with a GPU, but no A3",
    ("gcp", "a3mega"): "a3-megagpu-8g",
    ("oci", "cpu"): "without a GPU",
    ("oci", "cuda"): "with a GPU",
}


def machines(cloud: str, variant: str) -> str:
    """Which machines servers boot with an image."""
    return _MACHINES.get((cloud, variant), "none")
