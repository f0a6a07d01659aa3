"""From settings to content: the scripts' environment, the digest's inputs, the bake's name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config.cloud import CloudSettings, RegionalSettings
from config.settings import Settings
from config.stack import Stack
from images.catalog import Entry, ImageKey, Variant, entry
from images.digest import check_inputs, content_inputs, digest_of
from images.job import Standing
from images.naming import bake_name

#: The checkout: Pulumi runs the program from there.
PROJECT = Path(__file__).parent.parent
LOGIN_USER = "ubuntu"


@dataclass(frozen=True)
class Content:
    """What an image is made of, before anything has been made."""

    entry: Entry
    source: str
    disk_gb: int
    environment: dict[str, str]
    inputs: list[str]
    check_inputs: list[str]

    @property
    def digest(self) -> str:
        """The content address."""
        return digest_of(self.inputs)

    @property
    def bake(self) -> str:
        """Name of the private result."""
        return bake_name(self.entry.key.kind, self.digest)


@dataclass(frozen=True)
class Wanted:
    """One image that is to be: its content, and what the stack publishes that as."""

    stack: Stack
    content: Content
    release: str
    name: str

    @property
    def key(self) -> ImageKey:
        """Which image it is, whatever its release."""
        return self.content.entry.key

    @property
    def resource_name(self) -> str:
        """The name of the image's component in the stack."""
        return f"{self.key}-{self.release}"

    @property
    def protect(self) -> bool:
        """Whether nothing of it can be destroyed by accident."""
        return self.stack.protects(self.release)

    @property
    def standing(self) -> Standing:
        """What its release is to the stack."""
        if self.retires:
            return "retiring"
        return "current" if self.release == self.stack.current else "living"

    @property
    def retires(self) -> date | None:
        """The day from which nobody should use it, where its release is about to go."""
        return self.stack.retiring.get(self.release)


def wanted_images(
    project: Path,
    stack: Stack,
    settings: Settings,
    cloud: CloudSettings[Any],
    *,
    source: Callable[[Variant], str],
    prepull: list[str],
) -> list[Wanted]:
    """Every variant of a cloud, for each release.

    `source` is the image that a variant starts from, as configured; `prepull` what a variant gets
    that names nothing of its own. Raises images.InputUnreadable for a script that cannot be read,
    NameRefused for a name that the cloud would not take.
    """
    wanted: list[Wanted] = []
    for release in stack.releases:
        for variant, own in cloud.variants.items():
            key = ImageKey(cloud.cloud, variant)
            content = _content(
                project,
                settings,
                entry(key),
                source(variant),
                cloud.disk_gb_of(variant),
                prepull if own.prepull is None else own.prepull,
            )
            name = cloud.name_of(variant, release, stack.prefix)
            wanted.append(Wanted(stack, content, release, name))
    return wanted


def regional_images(
    stack: Stack, settings: Settings, chosen: RegionalSettings[Any]
) -> list[Wanted]:
    """The same of a cloud with regions, whose source is configured."""
    return wanted_images(
        PROJECT, stack, settings, chosen, source=chosen.source_of, prepull=settings.prepull
    )


def _content(
    project: Path, settings: Settings, entry: Entry, source: str, disk_gb: int, prepull: list[str]
) -> Content:
    environment = {
        "IMAGE_CLOUD": entry.key.cloud,
        "IMAGE_VARIANT": entry.key.variant,
        "LOGIN_USER": LOGIN_USER,
        "PREPULL": " ".join(prepull),
        **_docker(settings),
        **_nvidia(settings, entry),
    }
    configured = {
        "source": source,
        "disk_gb": str(disk_gb),
        "epoch": str(settings.epoch),
        **environment,
    }
    inputs = content_inputs(project, entry, configured)
    return Content(
        entry=entry,
        source=source,
        disk_gb=disk_gb,
        environment=environment,
        inputs=inputs,
        check_inputs=check_inputs(project, entry),
    )


def _docker(settings: Settings) -> dict[str, str]:
    docker = settings.docker
    return _given(
        DOCKER_SOURCE=docker.source,
        DOCKER_VERSION=docker.version,
        DOCKER_REPOSITORY=docker.repository,
        DOCKER_KEY_FINGERPRINT=docker.key_fingerprint,
    )


def _nvidia(settings: Settings, entry: Entry) -> dict[str, str]:
    """Only what this variant's steps read: a new driver branch must not bake CPU images."""
    nvidia, steps = settings.nvidia, entry.steps
    values: dict[str, str] = {}
    if "cuda" in steps or "a3mega" in steps:
        values |= _given(
            NVIDIA_BRANCH=nvidia.branch if "cuda" in steps else None,
            CUDA_REPOSITORY=nvidia.cuda_repository,
            CUDA_KEY_FINGERPRINT=nvidia.cuda_key_fingerprint,
        )
    if "container-toolkit" in steps:
        values |= _given(
            TOOLKIT_REPOSITORY=nvidia.toolkit_repository,
            TOOLKIT_KEY_FINGERPRINT=nvidia.toolkit_key_fingerprint,
            TOOLKIT_VERSION=nvidia.toolkit_version,
        )
    if "grid-driver" in steps and nvidia.grid is not None:
        values |= _given(
            GRID_KERNEL=nvidia.grid.kernel,
            GRID_URL=nvidia.grid.url,
            GRID_SHA256=nvidia.grid.sha256,
        )
    return values


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
