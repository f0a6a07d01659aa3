"""What is known of a bake and of its verification. Written once, kept beside the content.

A record reaches Pulumi's state as plain text: it holds facts, never a credential, and stays
small (package lists are files of their own, named here by their checksum).
"""

from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from images.catalog import Cloud, Variant

#: For what a Pulumi program reads of a stack's outputs: null is dropped on the way.
NULLS_DROPPED = "nulls dropped"


class Fact(BaseModel):
    """Base of what is written and read again: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_where_pulumi_dropped_it(cls, value: Any, info: ValidationInfo) -> Any:
        """What is read with the context NULLS_DROPPED has None where a key is absent."""
        if info.context != NULLS_DROPPED or not isinstance(value, dict):
            return value
        nothing = {name: None for name, field in cls.model_fields.items() if field.is_required()}
        return nothing | cast(dict[str, Any], value)


class SourceImage(Fact):
    """The image a bake started from: its name in configuration and what that was resolved to."""

    name: str
    resolved: str


class Versions(Fact):
    """Versions resolved inside the image. None where the variant has no such part."""

    os: str
    kernel: str
    docker: str | None = None
    containerd: str | None = None
    driver: str | None = None
    fabric_manager: str | None = None
    container_toolkit: str | None = None
    dcgm: str | None = None


class Builder(Fact):
    """What built it."""

    packer: str
    plugins: dict[str, str]
    left_out: list[str] = Field(
        default_factory=list[str],
        description="Of the template, for an older Packer.",
    )
    git_commit: str | None


class Packages(Fact):
    """The list of all packages: a file beside the record."""

    file: str
    sha256: str
    count: int


class Sbom(Fact):
    """The bill of materials: a compressed document beside the record."""

    file: str
    sha256: str = Field(description="Of the file as it is kept, compressed.")
    format: Literal["SPDX-2.3"] = "SPDX-2.3"
    tool: str = Field(description="What made it, with its version.")
    names_only: bool = Field(
        default=False,
        description="Made afterwards of the package list: no suppliers, sources or dependencies.",
    )


class BakeRecord(Fact):
    """A finished bake. Size and checksum are those of a file, so a cloud's image has none."""

    name: str
    digest: str
    inputs: list[str]
    cloud: Cloud
    variant: Variant
    image_id: str
    size_bytes: int | None
    sha256: str | None
    features: list[str] = Field(
        default_factory=list[str],
        description="Of the guest, as the cloud calls them: published images keep them.",
    )
    source: SourceImage
    versions: Versions
    driver_branch: str | None
    restarted: bool = Field(description="Whether anything asked for a restart before the rest.")
    docker_images: dict[str, str]
    packages: Packages
    sbom: Sbom | None = Field(
        default=None, description="None for a bake from before there were any."
    )
    builder: Builder
    started_at: datetime
    finished_at: datetime
    attempts: int
    log: str


class CheckResult(Fact):
    """One check inside a fresh machine."""

    name: str
    ok: bool
    seconds: float
    message: str


class VerificationRecord(Fact):
    """A fresh machine was booted from the image and all checks in it passed."""

    bake: str
    digest: str
    checks: list[CheckResult]
    started_at: datetime
    finished_at: datetime
    log: str
