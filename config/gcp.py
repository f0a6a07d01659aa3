"""What is configured for Google Cloud."""

import re
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.cloud import RegionalSettings, SourcedVariant
from config.fields import Github, Key, Text, matching
from images.catalog import Cloud, ImageKey, Variant
from images.errors import NameRefused
from images.naming import checked
from images.regions import Regions

#: What a region of a build zone or a storage location may be, since images are global. As of 2026:
#: Compute Engine "Regions and zones".
REGIONS = Regions.of(
    """
africa-south1 asia asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3
asia-south1 asia-south2 asia-southeast1 asia-southeast2 australia-southeast1
australia-southeast2 eu europe-central2 europe-north1 europe-north2 europe-southwest1
europe-west1 europe-west10 europe-west12 europe-west2 europe-west3 europe-west4
europe-west6 europe-west8 europe-west9 me-central1 me-central2 me-west1
northamerica-northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1
southamerica-west1 us us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2
us-west3 us-west4
""",
    r"[a-z]+(-[a-z]+\d+)?",
)

_SOURCE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?|family:[a-z][-a-z0-9:.]*/[a-z][-a-z0-9]*")
#: What users of Compute Engine may ask for (dstack's GCP backend).
_SMALLEST_DISK_GB = 20
_ZONE = re.compile(r"([a-z]+-[a-z]+[0-9]+)-[a-z]")


def _zone(value: str) -> str:
    found = _ZONE.fullmatch(value)
    if found is None or not REGIONS.could_have(found[1]):
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


class GcpVariant(SourcedVariant):
    """What one variant has of its own."""

    source: Annotated[Source | None, Key(allowed="as `clouds.gcp.source`", bakes="the variant")] = (
        None
    )
    """The image to start from; `a3mega` needs one, made by hand with Google's Cluster Toolkit."""
    disk_gb: Annotated[
        Annotated[int, Field(ge=10, le=1000)] | None, Key(allowed="10 to 1000", bakes="the variant")
    ] = None
    """Size of the image's disk; above 20 only where `source` is the variant's own too."""
    family: Annotated[Name | None, Key(allowed="a name")] = None
    """Its image family, where it is not `dstack`, `dstack-cuda`, `dstack-a3mega`; the stack's
    prefix is put before.
    """
    verify_machine_type: Text | None = None
    """Type of the machine that checks, where it is not that of `machineType`: a GPU is only seen
    by one that has one.
    """

    @model_validator(mode="after")
    def _small_or_apart(self) -> Self:
        if (self.disk_gb or 0) > _SMALLEST_DISK_GB and self.source is None:
            raise ValueError(
                f"diskGb above {_SMALLEST_DISK_GB} is for a source of its own: users may ask for "
                f"{_SMALLEST_DISK_GB} GB"
            )
        return self


class Gcp(RegionalSettings[GcpVariant]):
    """Images of a project. They are global; `regions` has the one place of their data."""

    cloud: ClassVar[Cloud] = "gcp"
    known: ClassVar[Regions] = REGIONS

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
    disk_gb: Annotated[int, Field(ge=10, le=_SMALLEST_DISK_GB), Key(bakes="all")] = 20
    """Size of the image's disk; users may ask for 20 GB, and get no less than the image has."""
    subnet: Annotated[
        Text | None,
        Key(allowed=("a subnet of the zone's region, or the path of one of another project")),
    ] = None
    """Subnet of the machine that bakes, which lets SSH in from whoever runs it; without it the
    stack makes a network of its own, reached through Identity-Aware Proxy only.
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
        if "a3mega" in self.variants and self.variants["a3mega"].source is None:
            raise ValueError("variants.a3mega.source is missing: a base image of its own")
        families = [self.family(variant) for variant in self.variants]
        if twice := {family for family in families if families.count(family) > 1}:
            raise ValueError(f"two variants cannot be of one family: {', '.join(sorted(twice))}")
        return self

    def disk_gb_of(self, variant: Variant) -> int:
        """The size of a variant's disk."""
        return self.variants[variant].disk_gb or self.disk_gb

    def published_in(self, *, public: bool) -> list[str]:
        """The project, where images of every region are."""
        return [self.project]

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
        return self.variants[variant].family or ImageKey("gcp", variant).stem
