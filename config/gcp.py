"""What is configured for Google Cloud."""

import re
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.cloud import RegionalSettings
from config.fields import DockerRef, Github, Key, Release, Strict, Text, matching
from images.catalog import STEMS, Cloud, Variant
from images.errors import NameRefused
from images.naming import checked
from images.regions import REGIONS

#: What dstack's server starts on A3 Mega and must not pull (its GCP backend).
_A3MEGA_IMAGES = [
    "us-docker.pkg.dev/gce-ai-infra/gpudirect-tcpxo/tcpgpudmarxd-dev:v1.0.14",
    "us-docker.pkg.dev/gce-ai-infra/gpudirect-tcpxo/nccl-plugin-gpudirecttcpx-dev:v1.0.8-1",
]
_SOURCE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?|family:[a-z][-a-z0-9:.]*/[a-z][-a-z0-9]*")
_ZONE = re.compile(r"([a-z]+-[a-z]+[0-9]+)-[a-z]")


def _zone(value: str) -> str:
    found = _ZONE.fullmatch(value)
    if found is None or found[1] not in REGIONS["gcp"]:
        raise ValueError("a zone is a region of Google with a letter behind it (us-central1-a)")
    return value


def _name(value: str) -> str:
    try:
        return checked("gcp", value)
    except NameRefused as error:
        raise ValueError(str(error)) from None


Source = Annotated[
    str,
    matching(
        _SOURCE,
        "a source is the name of an image of this project or of Ubuntu's "
        "(ubuntu-2404-noble-amd64-v20250828), or a family of which the newest is meant "
        "(family:ubuntu-os-cloud/ubuntu-2404-lts-amd64)",
    ),
]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]


class A3Mega(Strict):
    """What the variant `a3mega` has of its own.

    Its base image has kernel, driver and Docker matched by hand. Of `names`, each is that of a
    release which the server looks for under another name than the scheme's.
    """

    source: Annotated[Source, Key(allowed="as `clouds.gcp.source`", bakes="a3mega")]
    """Its base image, made by hand with Google's Cluster Toolkit."""
    disk_gb: Annotated[int, Field(ge=10, le=1000), Key(bakes="a3mega")] = 100
    """Size of its disk."""
    prepull: Annotated[list[DockerRef], Key(allowed="as `prepull`", bakes="a3mega")] = Field(
        default_factory=_A3MEGA_IMAGES.copy
    )
    """What dstack's server starts on such machines, by exact tag, without pulling."""
    names: Annotated[dict[Release, Name], Key(allowed="a name for each release")] = Field(
        default_factory=dict[str, str]
    )
    """Names of releases that a server looks for by another name than `dstack-a3mega-` and the
    release: today that is `dstack-a3mega-5`. The prefix is put before.
    """


class Gcp(RegionalSettings):
    """Images of a project. They are global; `regions` has the one place of their data."""

    cloud: ClassVar[Cloud] = "gcp"

    regions: Annotated[list[str], Key(allowed="one region or multi-region of Google")] = Field(
        min_length=1, max_length=1
    )
    """Where the images' data is stored; they can be booted everywhere."""
    project: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$"),
        Key(allowed="a project's ID"),
    ]
    """The project of images, machines and everything else."""
    source: Annotated[
        Source,
        Key(
            allowed=("an image of the project or of `ubuntu-os-cloud`, or `family:project/family`"),
            bakes="all",
        ),
    ]
    """The image to start from; of a family the newest one. The record says which it was."""
    zone: Annotated[Zone, Key(allowed="a zone of Google")]
    """Where images are baked."""
    machine_type: Text = "e2-standard-4"
    """Type of the machine that bakes."""
    verify_machine_types: Annotated[dict[Variant, Text], Key(allowed="a type for each variant")] = (
        Field(default_factory=dict[Variant, str])
    )
    """Types of the machines that check, where it is not that of `machineType`: a GPU is only
    seen by one that has one.
    """
    disk_gb: Annotated[int, Field(ge=10, le=20), Key(bakes="all")] = 20
    """Size of the image's disk; users may ask for 20 GB, and get no less than the image has."""
    subnet: Annotated[
        Text | None,
        Key(allowed=("a subnet of the zone's region, or the path of one of another project")),
    ] = None
    """Subnet of the machine that bakes, which lets SSH in from whoever runs it; without it the
    stack makes a network of its own, reached through Identity-Aware Proxy only.
    """
    families: Annotated[dict[Variant, Name], Key(allowed="a name for each variant")] = Field(
        default_factory=dict[Variant, str]
    )
    """Image families, where they are not `dstack`, `dstack-cuda`, `dstack-a3mega`; the stack's
    prefix is put before.
    """
    deprecated: Annotated[
        list[Release], Key(allowed="releases of the stack before the current one")
    ] = Field(default_factory=list[str])
    """Marked as deprecated in favour of the current release: they still boot, with a warning,
    and families pass them over.
    """
    a3mega: A3Mega | None = Field(default=None, alias="a3mega")
    """What the variant `a3mega` has of its own; required where it is among `variants`. It does
    not have the stack's `prepull`.
    """
    github: Github | None = None
    """A GitHub workflow that may bake and publish, without a key."""
    endpoint: Annotated[
        Annotated[str, StringConstraints(pattern=r"^https?://")] | None,
        Key(allowed="an http or https address"),
    ] = None
    """Address of all of Google's services, where it is not Google's own: an emulator; Pulumi then
    wants some `GOOGLE_OAUTH_ACCESS_TOKEN` too.
    """

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if "a3mega" in self.variants and self.a3mega is None:
            raise ValueError("the variant a3mega needs a3mega.source, a base image of its own")
        families = [self.family(variant) for variant in self.variants]
        if twice := {family for family in families if families.count(family) > 1}:
            raise ValueError(f"two variants cannot be of one family: {', '.join(sorted(twice))}")
        return self

    @property
    def region(self) -> str:
        """The region of the zone."""
        return self.zone.rpartition("-")[0]

    @property
    def storage_location(self) -> str:
        """Where the data of images is kept: a region or a multi-region."""
        return self.regions[0]

    def family(self, variant: Variant) -> str:
        """The family of a variant's images, without the stack's prefix."""
        return self.families.get(variant, STEMS[variant])
