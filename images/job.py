"""What the program asks of the bakery: one document on its standard input."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from images.catalog import Cloud, Variant
from images.record import Fact


class LocalTarget(Fact):
    """A machine of QEMU on this machine."""

    cloud: Literal["local"] = "local"
    source_file: Path
    source_sha256: str
    firmware: Path
    accelerator: Literal["kvm", "tcg"]
    cpus: int
    memory_mb: int
    demo_registry: Path | None = Field(
        description="Storage of the registry that stands in where no public one answers."
    )


class Job(Fact):
    """What a bake and its verification have in common."""

    stack: str
    variant: Variant
    bake: str = Field(description="Name of the private result.")
    parts: list[str]
    environment: dict[str, str] = Field(description="For the scripts; part of the digest.")
    disk_gb: int
    time_limit: int = Field(description="Seconds for one run of Packer.")
    target: LocalTarget

    @property
    def cloud(self) -> Cloud:
        return self.target.cloud


class BakeJob(Job):
    """Make content."""

    digest: str
    source_name: str
    prepare: list[str]
    install: list[str]
    seal: list[str]


class VerifyJob(Job):
    """Boot a fresh machine from the content and run checks in it."""

    checks: Annotated[list[str], Field(min_length=1)]


class PublishJob(Fact):
    """Give local content a name in a folder of the checkout, or take it away."""

    stack: str
    bake: str
    name: str
    place: str
