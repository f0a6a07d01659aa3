"""A stack's configuration: every key, its type, its default, its limits."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from components.aws.settings import TWO_YEARS, Aws
from components.azure.settings import Azure
from components.cloud_settings import CloudSettings
from components.fields import DockerRef, Fingerprint, Prefix, Release, Sha256, Strict, Text, once
from components.gcp.settings import Gcp
from components.local.settings import Local
from components.oci.settings import Oci
from images.catalog import Cloud


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


class Clouds(Strict):
    """The clouds of a stack, at least one. In one that is left out the stack has nothing."""

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

    def beyond_this_machine(self) -> bool:
        """Whether the stack has anything that others share."""
        return set(self.selected()) != {"local"}


class Settings(Strict):
    """A stack. The keys are declared and described in Pulumi.yaml too."""

    releases: Annotated[list[Release], AfterValidator(once), Field(min_length=1)]
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
        if wanting and (self.nvidia.grid is None or self.nvidia.grid.sha256 is None):
            url = self.nvidia.grid.url if self.nvidia.grid else "<url>"
            raise ValueError(
                f"the variant grid of {', '.join(wanting)} needs nvidia.grid with url and sha256, "
                f"since nothing is installed unchecked. Compute it once (`curl --location {url} | "
                "sha256sum`) and write it down (`pulumi config set --path "
                "dstack-images:nvidia.grid.sha256 <checksum>`); docs/azure.md has both in one"
            )
        return self

    @model_validator(mode="after")
    def _public_amis_last_two_years(self) -> Self:
        days = self.clouds.aws and self.clouds.aws.deprecate_after_days
        if self.visibility == "public" and days and days > TWO_YEARS:
            raise ValueError(
                f"clouds.aws.deprecateAfterDays of a public stack is at most {TWO_YEARS}; without "
                "the key EC2 deprecates public AMIs after two years by itself"
            )
        return self

    @property
    def current(self) -> str:
        """The release that a server of today should use."""
        return self.releases[-1]
