"""A stack's configuration: every key, its type, its default, its limits."""

import re
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from images.catalog import PROTECTED_VERSIONS, Cloud, Variant, variants
from images.naming import PREFIX, PREFIX_RULE, VERSION, VERSION_RULE
from images.regions import REGIONS

Item = TypeVar("Item", bound=str)

#: In the local stack: whatever set-up found to be possible on this machine.
AUTO = "auto"

_WORD = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
DOCKER_REF = re.compile(
    rf"(?:[A-Za-z0-9.-]+:[0-9]+/)?{_WORD}(?:/{_WORD})*"
    r":(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@sha256:[0-9a-f]{64})?"
)
DOCKER_REF_RULE = (
    "name:tag or name:tag@sha256:<64 digits>, and the tag is not latest, which means another "
    "image every week"
)


def _release(value: str) -> str:
    if not VERSION.fullmatch(value):
        raise ValueError(f"a version is {VERSION_RULE}")
    if value in PROTECTED_VERSIONS:
        raise ValueError("this release is kept for ever as it is; it is never built again")
    return value


def _prefix(value: str) -> str:
    if not PREFIX.fullmatch(value):
        raise ValueError(f"a prefix is {PREFIX_RULE}")
    return value


def _docker_ref(value: str) -> str:
    tag = DOCKER_REF.fullmatch(value)
    if tag is None or tag["tag"] == "latest":
        raise ValueError(f"an image is {DOCKER_REF_RULE}")
    return value


def _once(value: list[Item]) -> list[Item]:
    if twice := sorted({str(item) for item in value if value.count(item) > 1}):
        raise ValueError(f"listed twice: {', '.join(twice)}")
    return value


Release = Annotated[str, AfterValidator(_release)]
Prefix = Annotated[str, AfterValidator(_prefix)]
DockerRef = Annotated[str, AfterValidator(_docker_ref)]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{40}$")]


class Strict(BaseModel):
    """Keys are camelCase as everywhere in Pulumi; unknown ones are mistakes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, validate_by_name=False
    )


class Docker(Strict):
    """Where Docker comes from. `version` is Docker's own, without Debian's decoration."""

    source: Literal["docker.com", "distribution"] = "docker.com"
    version: Annotated[str, StringConstraints(pattern=r"^(\d+\.\d+\.\d+)?$")] = ""
    repository: Text | None = None
    key_fingerprint: Fingerprint | None = None

    @model_validator(mode="after")
    def _versioned(self) -> Self:
        if self.source == "docker.com" and not self.version:
            raise ValueError("version is needed with source docker.com (for instance 27.1.1)")
        return self


class Grid(Strict):
    """NVIDIA's GRID driver as Microsoft hands it out, and the kernel series it builds on."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://")]
    sha256: Sha256 | None = None
    kernel: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")] = "6.8"


class Nvidia(Strict):
    """Driver branch and repositories of the GPU variants."""

    branch: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] = "580"
    toolkit_version: str | None = None
    grid: Grid | None = None
    cuda_repository: Text | None = None
    cuda_key_fingerprint: Fingerprint | None = None
    toolkit_repository: Text | None = None
    toolkit_key_fingerprint: Fingerprint | None = None


class CloudSettings(Strict):
    """What every cloud has."""

    cloud: ClassVar[Cloud]

    variants: list[Variant] = Field(min_length=1)
    disk_gb: int

    @field_validator("variants")
    @classmethod
    def _in_catalog(cls, value: list[Variant]) -> list[Variant]:
        known = variants(cls.cloud)
        if wrong := [variant for variant in value if variant not in known]:
            raise ValueError(f"{cls.cloud} has no {', '.join(wrong)}; allowed: {', '.join(known)}")
        return _once(value)


class RegionalSettings(CloudSettings):
    """What a cloud with regions has."""

    regions: list[str] = Field(min_length=1)

    @field_validator("regions")
    @classmethod
    def _all_exist(cls, value: list[str]) -> list[str]:
        cls._must_exist(value)
        return _once(value)

    @field_validator("home_region", "location", check_fields=False)
    @classmethod
    def _exists(cls, value: str) -> str:
        cls._must_exist([value])
        return value

    @classmethod
    def _must_exist(cls, regions: list[str]) -> None:
        known = REGIONS[cls.cloud]
        if wrong := [region for region in regions if region not in known]:
            raise ValueError(
                f"{cls.cloud} has no region {', '.join(wrong)}; allowed: {', '.join(sorted(known))}"
            )


class Local(CloudSettings):
    """This machine. Images appear in the folder `place` of the checkout."""

    cloud: ClassVar[Cloud] = "local"

    source: Literal["auto", "ubuntu-24.04", "debian-12"] = AUTO
    disk_gb: Annotated[int, Field(ge=4, le=1024)] = 8
    cpus: Annotated[int, Field(ge=1, le=64)] = 2
    memory_mb: Annotated[int, Field(ge=1024)] = 2048
    place: Text = "dist"


class Aws(RegionalSettings):
    """AMIs: baked in the home region, copied to `regions`."""

    cloud: ClassVar[Cloud] = "aws"

    source: Text
    home_region: Text
    machine: Text = "c5.large"
    disk_gb: Annotated[int, Field(ge=8, le=1024)] = 100
    volume_type: Literal["gp2", "gp3"] = "gp2"
    subnet: Text | None = None


class Azure(RegionalSettings):
    """Managed images in `resourceGroup`; a gallery where the stack is public."""

    cloud: ClassVar[Cloud] = "azure"

    source: Text
    location: Text
    resource_group: Text
    gallery: Text | None = None
    machine: Text = "Standard_D2s_v6"
    disk_gb: Annotated[int, Field(ge=30, le=1024)] = 30


class Gcp(RegionalSettings):
    """Images of a project; they are global."""

    cloud: ClassVar[Cloud] = "gcp"

    source: Text
    zone: Text
    machine: Text = "e2-standard-4"
    disk_gb: Annotated[int, Field(ge=10, le=1024)] = 20


class Oci(RegionalSettings):
    """Custom images: baked in the home region, imported in `regions`."""

    cloud: ClassVar[Cloud] = "oci"

    source: Text
    home_region: Text
    compartment: Text
    subnet: Text
    availability_domain: Text
    machine: Text = "VM.Standard2.1"
    disk_gb: Annotated[int, Field(ge=47, le=1024)] = 50


class Clouds(Strict):
    """The clouds of a stack. Leaving one out leaves it alone."""

    local: Local | None = None
    aws: Aws | None = None
    azure: Azure | None = None
    gcp: Gcp | None = None
    oci: Oci | None = None

    def selected(self) -> dict[Cloud, CloudSettings]:
        """The clouds that the stack has, in the catalog's order."""
        every: dict[Cloud, CloudSettings | None] = {
            "local": self.local,
            "aws": self.aws,
            "azure": self.azure,
            "gcp": self.gcp,
            "oci": self.oci,
        }
        return {cloud: settings for cloud, settings in every.items() if settings is not None}


class Settings(Strict):
    """A stack. The keys are declared and described in Pulumi.yaml too."""

    releases: Annotated[list[Release], AfterValidator(_once), Field(min_length=1)]
    prefix: Prefix = ""
    clouds: Clouds
    visibility: Literal["private", "public"] = "private"
    immutable: bool = False
    verify: bool = True
    epoch: Annotated[int, Field(ge=0)] = 0
    time_limit_minutes: Annotated[int, Field(ge=1, le=600)] = 90
    prepull: list[DockerRef] = Field(default_factory=list[str])
    docker: Docker
    nvidia: Nvidia = Nvidia()

    @model_validator(mode="after")
    def _grid_has_driver(self) -> Self:
        wanting = [
            cloud for cloud, chosen in self.clouds.selected().items() if "grid" in chosen.variants
        ]
        if wanting and self.nvidia.grid is None:
            raise ValueError(
                f"the variant grid of {', '.join(wanting)} needs nvidia.grid with url and sha256"
            )
        return self

    @property
    def current(self) -> str:
        """The release that a server of today should use."""
        return self.releases[-1]
