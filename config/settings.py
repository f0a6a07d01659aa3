"""A stack's configuration: every key, its type, its default, its limits."""

from collections.abc import Container, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.aws import TWO_YEARS, Aws
from config.azure import Azure
from config.cloud import CloudSettings, RegionalSettings
from config.fields import (
    Day,
    DockerRef,
    Key,
    Prefix,
    Release,
    Strict,
    once,
)
from config.gcp import Gcp
from config.local import Local
from config.oci import Oci
from config.software import Docker, Nvidia
from images.catalog import CLOUDS, Cloud


class Clouds(Strict):
    """The clouds of a stack, at least one. In one that is left out the stack has nothing."""

    local: Local | None = None
    """This machine."""
    aws: Aws | None = None
    """Amazon EC2."""
    azure: Azure | None = None
    """Microsoft Azure."""
    gcp: Gcp | None = None
    """Google Compute Engine; [gcp.md](gcp.md) says how to set it up."""
    oci: Oci | None = None
    """Oracle Cloud Infrastructure; [oci.md](oci.md) says how to set it up."""

    def selected(self) -> dict[Cloud, CloudSettings[Any]]:
        """The clouds that the stack has, in the catalog's order."""
        every: dict[Cloud, CloudSettings[Any] | None] = {
            cloud: getattr(self, cloud) for cloud in CLOUDS
        }
        return {cloud: settings for cloud, settings in every.items() if settings is not None}

    def beyond_this_machine(self) -> bool:
        """Whether the stack has anything that others share."""
        return set(self.selected()) != {"local"}


class Settings(Strict):
    """A stack. The keys are declared and described in Pulumi.yaml too."""

    releases: Annotated[
        list[Release],
        AfterValidator(once),
        Key(
            allowed=(
                "none twice; two or three numbers with dots, perhaps "
                "`rc<n>` behind; not `0.10`, which is kept as it is"
            )
        ),
    ]
    """Versions under which images are published. Quote them: `0.10` without quotes is a number.
    The last that is not among `retiring` is current. Without one (`[]`) the stack makes what its
    images need, and no image.
    """
    retiring: Annotated[
        dict[Release, Day],
        Key(allowed="a day as `2027-03-31` for each, which are releases; not all of them"),
    ] = Field(default_factory=dict[str, date])
    """Releases that are about to go, each with the day from which nobody should use it: they may
    be deleted, AWS hides them from that day, Azure tells it, Google names the current release
    instead. Remove one from both lists when nobody uses it any more.
    """
    prefix: Annotated[
        Prefix, Key(allowed="lower-case words, each with a dash behind it (`stgn-12-`)")
    ] = ""
    """Put before every name; a server finds such images with `DSTACK_VM_BASE_IMAGE_PREFIX`."""
    clouds: Clouds
    """The clouds of the stack."""
    visibility: Literal["private", "public"] = "private"
    """Who may boot the images: your accounts or everyone. It has no effect on this machine."""
    immutable: bool = False
    """A published release is never baked again, whatever changes."""
    verify: bool = True
    """Boot every bake and run the checks before anything is published. Without it, the contract
    says that nothing was verified.
    """
    epoch: Annotated[int, Field(ge=0), Key(bakes="all")] = 0
    """Raise it to bake anew from the same inputs, for newer packages."""
    time_limit_minutes: Annotated[int, Field(ge=1, le=600)] = 90
    """Limit for one bake and for one verification, retries included."""
    prepull: Annotated[
        list[DockerRef],
        Key(
            allowed=(
                "`name:tag` or `name:tag@sha256:<64 digits>`, with a registry as "
                "`host:port/` if need be; not the tag `latest`"
            ),
            bakes="all",
        ),
    ] = Field(default_factory=list[str])
    """Docker images to have in the image. A tag is resolved when it is baked; with a digest, a
    new image is a change that one sees.
    """
    docker: Docker
    """Where Docker comes from."""
    nvidia: Nvidia = Nvidia()
    """What the GPU variants get."""

    @model_validator(mode="after")
    def _grid_has_driver(self) -> Self:
        selected = self.clouds.selected().items()
        wanting = [cloud for cloud, chosen in selected if "grid" in chosen.variants]
        if wanting and (self.nvidia.grid is None or self.nvidia.grid.sha256 is None):
            url = self.nvidia.grid.url if self.nvidia.grid else "<url>"
            raise ValueError(
                f"the variant grid of {', '.join(wanting)} needs nvidia.grid with url and sha256, "
                f"since nothing is installed unchecked. Compute it once (`curl --location {url} | "
                "sha256sum`) and write it below `grid:` as `sha256: <checksum>`; docs/azure.md has "
                "the commands"
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

    @model_validator(mode="after")
    def _one_release_lives(self) -> Self:
        if wrong := [release for release in self.retiring if release not in self.releases]:
            allowed = ", ".join(self.releases) or "nothing, as there is no release"
            raise ValueError(f"retiring names {', '.join(wrong)}; allowed: {allowed}")
        if self.releases and set(self.releases) == set(self.retiring):
            raise ValueError("retiring names every release; servers need one that stays")
        return self

    def doubts(self) -> list[str]:
        """What may be a mistake and may be right: to be told before anything is made."""
        return [
            doubt
            for chosen in self.clouds.selected().values()
            if isinstance(chosen, RegionalSettings)
            for doubt in chosen.doubts()
        ]


def living(releases: Sequence[str], retiring: Container[str]) -> list[str]:
    """Releases that stay, of which a server of today should use the last."""
    return [release for release in releases if release not in retiring]
