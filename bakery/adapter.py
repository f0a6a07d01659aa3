"""What the bakery needs to know of a cloud. One module for each cloud implements it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bakery.packer.console import Console
from bakery.packer.program import Packer
from bakery.progress import Progress
from images.job import BakeJob, Job
from images.record import BakeRecord, VerificationRecord


@dataclass(frozen=True)
class RunFolders:
    """Folders of one run.

    `work` for large files, `temporary` a short path for sockets, `results` for what the machine
    hands out.
    """

    work: Path
    temporary: Path
    results: Path


@dataclass(frozen=True)
class Artifact:
    """The image that Packer left."""

    image_id: str
    size_bytes: int | None = None
    sha256: str | None = None
    features: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class BuildInputs:
    """How Packer is to run.

    `variables` of the template, commands that have to run beside Packer as `sidecars`,
    `source`: what the configured source image means today, what Packer's builder wants in its
    `environment` besides what is there, and the machine's `console` where it can be read.
    """

    variables: dict[str, object]
    sidecars: list[list[str]]
    source: str
    environment: dict[str, str] = field(default_factory=dict[str, str])
    console: Console | None = None


class Adapter(Protocol):
    """Finds, prepares and keeps bakes in one cloud."""

    #: Variables of the environment that Packer's builder reads there, credentials among them.
    credentials: re.Pattern[str] | None
    #: Seconds that Packer's builder may take to remove its machine when it is interrupted.
    grace: float

    def find(self, bake: str) -> BakeRecord | None:
        """The record of a complete bake. Raises BakeryError when there is one that is broken."""
        ...

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        """The record of a verification that passed with these very checks."""
        ...

    def sweep(self, bake: str, progress: Progress) -> None:
        """Removes what a dead run left of a bake that is not complete."""
        ...

    def preflight(self, job: Job, packer: Packer) -> None:
        """Raises BakeryError for what would make the run fail later, with this Packer."""
        ...

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        """What only this cloud's template wants."""
        ...

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        """What Packer made, not yet complete."""
        ...

    def keep_log(self, bake: str, log: Path) -> None:
        """Keeps a log where people find it when this machine is gone. Raises BakeryError."""
        ...

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        """Puts the content in its place; the record goes last, it marks it complete."""
        ...

    def keep_verification(self, record: VerificationRecord) -> None:
        """Keeps the record of a verification that passed beside the content."""
        ...
