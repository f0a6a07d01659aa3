"""What dstack's server has in its code about VM images; what is one cloud's is in its folder.

Source: dstack 0.22.5, `src/dstack/_internal/core/backends/{aws/resources,azure/compute,gcp/compute}
.py`; up to 0.22.3 Azure's gallery was looked up, since 0.22.4 its address is only written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from images.catalog import Cloud, Variant

#: Owner of AMIs, community gallery, group of images with a prefix, project.
AWS_ACCOUNT = "142421590066"
AZURE_GALLERY = "dstack-ebac134d-04b9-4c2b-8b6c-ad3e73904aa7"
AZURE_GROUP = "dstack-resources-westeurope"
GCP_PROJECT = "dstack"

#: Generations of servers, by how they find an image.
ALL = "all"
LOOKING = "to 0.22.3"
WRITING = "from 0.22.4"


#: Stands for what the server's release says.
COS = "cos"
#: GPUs older than Turing, as types of machines or servers name them.
OLD_GPU = r"V100|P100|P40|\bP4\b|M60|M40|\bM4\b|K80|K40|K20"


@dataclass(frozen=True)
class Rule:
    """Machines whose type matches a pattern (of Python and JavaScript, in any case) get an image.

    `variant` of ours, or else `external`, which is an image of somebody else.
    """

    cloud: Cloud
    pattern: str
    machines: str
    example: str
    variant: str | None = None
    external: str | None = None


@dataclass(frozen=True)
class ServerFacts:
    """What servers do on one cloud, and how a person tries one of its images.

    `rules` are in their order: the first match counts. `regions` are where servers look, `machines`
    which ones they boot with a variant, in words. `command` boots an image: `{region}` and `{id}`
    are those of a place, and what a person has to choose is in capitals.
    """

    name: str
    command: str
    rules: tuple[Rule, ...] = ()
    regions: Sequence[str] = ()
    machines: Mapping[Variant, str] = field(default_factory=dict[Variant, str])
