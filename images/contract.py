"""The document that dstack reads: which images exist, where, what is in them, what is missing.

`python -m images.contract` prints its JSON Schema; contract.schema.json is that output.
"""

import json
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from images.catalog import Arch, Cloud, ImageKey, Variant
from images.clouds import Place
from images.oci import OciPlace
from images.record import BakeRecord, CheckResult, Fact, Sbom, VerificationRecord, Versions


class Content(Fact):
    """What is in an image and how it came to be."""

    bake: str
    digest: str
    source_name: str
    source_resolved: str
    versions: Versions
    driver_branch: str | None
    docker_images: dict[str, str]
    package_count: int
    package_list_sha256: str
    sbom: Sbom | None = Field(
        default=None, description="None for bakes from before there were any."
    )
    packer: str
    plugins: dict[str, str]
    git_commit: str | None
    built_at: datetime


class Verified(Fact):
    """The verification that allowed publication."""

    at: datetime
    checks: list[CheckResult]


class Missing(Fact):
    """What is not there yet."""

    place: str = Field(description="Region, project or group.")
    reason: str


class Image(Fact):
    """One image of a release: published everywhere it should be, unless something is `missing`."""

    name: str
    cloud: Cloud
    variant: Variant
    arch: Arch = "x86_64"
    version: str
    prefix: str
    content: Content | None = Field(description="None where it has not been baked.")
    verification: Verified | None = Field(
        description="None where the stack's configuration says `verify: false`, or it failed."
    )
    place: Place | None = Field(description="None until all of it has been looked up.")
    found: dict[str, str] = Field(description="Place to ID, of all that is there.")
    missing: list[Missing] = Field(default_factory=list[Missing])

    @property
    def key(self) -> ImageKey:
        """Which image it is, whatever its release."""
        return ImageKey(self.cloud, self.variant, self.arch)

    @property
    def in_review(self) -> set[str]:
        """Places where nobody has to do anything for what is `missing`: Oracle has not answered."""
        return self.place.in_review() if isinstance(self.place, OciPlace) else set()


class Release(Fact):
    """All images of one release."""

    version: str
    state: Literal["live", "retiring"]
    retires: date | None = Field(description="From then on nobody should use it.")
    complete: bool = Field(description="Whether every image is everywhere it should be.")
    images: list[Image]


class ServerEnv(Fact):
    """The two variables a dstack server is started with to use these images."""

    DSTACK_VM_BASE_IMAGE_VERSION: str
    DSTACK_VM_BASE_IMAGE_PREFIX: str


class Contract(Fact):
    """All that a stack has published."""

    schema_version: Literal[2] = 2
    stack: str
    prefix: str
    current: str | None = Field(
        description="The last live release of the stack's list that is complete; or the one of "
        "before, as long as servers find all of it that they found, and nothing lacks but what a "
        "cloud was to get that was not reached, or what Oracle reviews. It may be one that retires "
        "then, up to its day, while the next one waits for Oracle."
    )
    releases: list[Release] = Field(
        description="As the stack's list; none where it has made what images need and no image."
    )
    server_env: ServerEnv | None = Field(description="None while there is no current release.")


def release(version: str, retires: date | None, images: list[Image]) -> Release:
    """One release of these images."""
    return Release(
        version=version,
        state="retiring" if retires else "live",
        retires=retires,
        complete=not any(image.missing for image in images),
        images=images,
    )


def contract(
    stack: str, prefix: str, releases: list[Release], *, stays: str | None = None
) -> Contract:
    """The document. What is about to go is not current, nor is what is incomplete, unless it
    `stays` (`images.staying`)."""
    able = [
        release.version
        for release in releases
        if release.state == "live" and (release.complete or release.version == stays)
    ]
    current = able[-1] if able else stays
    return Contract(
        stack=stack,
        prefix=prefix,
        current=current,
        releases=releases,
        server_env=None
        if current is None
        else ServerEnv(
            DSTACK_VM_BASE_IMAGE_VERSION=current,
            DSTACK_VM_BASE_IMAGE_PREFIX=prefix,
        ),
    )


def content(record: BakeRecord) -> Content:
    """The contract's view of a bake."""
    return Content(
        bake=record.name,
        digest=record.digest,
        source_name=record.source.name,
        source_resolved=record.source.resolved,
        versions=record.versions,
        driver_branch=record.driver_branch,
        docker_images=record.docker_images,
        package_count=record.packages.count,
        package_list_sha256=record.packages.sha256,
        sbom=record.sbom,
        packer=record.builder.packer,
        plugins=record.builder.plugins,
        git_commit=record.builder.git_commit,
        built_at=record.finished_at,
    )


def verified(record: VerificationRecord | None) -> Verified | None:
    """The contract's view of a verification."""
    return record and Verified(at=record.finished_at, checks=record.checks)


def schema() -> str:
    """JSON Schema of the contract, as it is kept in the repository."""
    return json.dumps(Contract.model_json_schema(mode="serialization"), indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
