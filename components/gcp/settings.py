"""What is configured for Google Cloud."""

import re
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.cloud_settings import RegionalSettings
from components.fields import DockerRef, Release, Strict, Text
from images.catalog import STEMS, Cloud, Variant
from images.naming import NameRefused, checked
from images.regions import REGIONS

#: What dstack's server starts on A3 Mega and must not pull (its GCP backend).
_A3MEGA_IMAGES = [
    "us-docker.pkg.dev/gce-ai-infra/gpudirect-tcpxo/tcpgpudmarxd-dev:v1.0.14",
    "us-docker.pkg.dev/gce-ai-infra/gpudirect-tcpxo/nccl-plugin-gpudirecttcpx-dev:v1.0.8-1",
]
_SOURCE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?|family:[a-z][-a-z0-9:.]*/[a-z][-a-z0-9]*")
_ZONE = re.compile(r"([a-z]+-[a-z]+[0-9]+)-[a-z]")


def _source(value: str) -> str:
    if not _SOURCE.fullmatch(value):
        raise ValueError(
            "a source is the name of an image of this project or of Ubuntu's "
            "(ubuntu-2404-noble-amd64-v20250828), or a family of which the newest is meant "
            "(family:ubuntu-os-cloud/ubuntu-2404-lts-amd64)"
        )
    return value


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


Source = Annotated[str, AfterValidator(_source)]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]


class Github(Strict):
    """The environment of a GitHub repository whose workflows may bake and publish.

    Both go into a condition of IAM as text, so that they are limited to words.
    """

    repository: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    environment: Annotated[str, StringConstraints(pattern=r"^[\w .-]+$")]


class A3Mega(Strict):
    """What the variant `a3mega` has of its own.

    Its base image has kernel, driver and Docker matched by hand. Of `names`, each is that of a
    release which the server looks for under another name than the scheme's.
    """

    source: Source
    disk_gb: Annotated[int, Field(ge=10, le=1000)] = 100
    prepull: list[DockerRef] = Field(default_factory=_A3MEGA_IMAGES.copy)
    names: dict[Release, Name] = Field(default_factory=dict[str, str])


class Gcp(RegionalSettings):
    """Images of a project. They are global; `regions` has the one place of their data."""

    cloud: ClassVar[Cloud] = "gcp"

    regions: list[str] = Field(min_length=1, max_length=1)
    project: Annotated[str, StringConstraints(pattern=r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$")]
    source: Source
    zone: Zone
    machine: Text = "e2-standard-4"
    verify_machines: dict[Variant, Text] = Field(default_factory=dict[Variant, str])
    disk_gb: Annotated[int, Field(ge=10, le=20)] = 20
    subnet: Text | None = None
    families: dict[Variant, Name] = Field(default_factory=dict[Variant, str])
    deprecated: list[Release] = Field(default_factory=list[str])
    a3mega: A3Mega | None = Field(default=None, alias="a3mega")
    github: Github | None = None
    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = None

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
        """Of the zone."""
        return self.zone.rpartition("-")[0]

    @property
    def storage_location(self) -> str:
        """Where the data of images is kept: a region or a multi-region."""
        return self.regions[0]

    def family(self, variant: Variant) -> str:
        """The family of a variant's images, without the stack's prefix."""
        return self.families.get(variant, STEMS[variant])
