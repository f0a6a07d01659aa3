"""Bakes wherever they are kept, what uses them, and what runs have left there."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

from pydantic import Field

from bakery.progress import Progress
from images.catalog import Cloud
from images.errors import BakeryError
from images.record import BakeRecord, Fact


class Use(Fact):
    """A published image that was made of a bake."""

    stack: str
    release: str
    where: str

    def __str__(self) -> str:
        return f"{self.stack} {self.release}"


class Bake(Fact):
    """One bake. `size_gb` is what is charged for at most; a `problem` says why it is no content.

    `unseen` are places where it may be used, and where nobody could look.
    """

    cloud: Cloud
    where: str
    name: str
    id: str
    variant: str | None = None
    baked_by: str | None = None
    baked_at: datetime | None = None
    size_gb: float | None = None
    kernel: str | None = None
    source: str | None = None
    verified: bool = False
    uses: list[Use] = Field(default_factory=list[Use])
    unseen: list[str] = Field(default_factory=list[str])
    problem: str | None = None
    record: BakeRecord | None = Field(default=None, exclude=True)

    @property
    def age_days(self) -> int | None:
        """Whole days since it was baked."""
        return None if self.baked_at is None else (datetime.now(UTC) - self.baked_at).days


class Found(Protocol):
    """What dead runs have left in a place."""

    def told(self) -> list[str]:
        """Each in words."""
        ...


class Inventory(Protocol):
    """One place in which a stack keeps content."""

    def bakes(self) -> list[Bake]:
        """All that is named as a bake. Raises UserError."""
        ...

    def remove(self, bake: Bake, progress: Progress) -> None:
        """Removes its content; nobody is at work on it."""
        ...

    def runs_of(self, owner: str) -> set[str]:
        """Runs of which something is there that the owner drove."""
        ...

    def left(self, run: str, stack: str) -> Found:
        """What the run left, and what others of the stack left whose time is over.

        With no run, only the latter. Raises BakeryError where somebody is at work on the run.
        """
        ...

    def clear(self, found: Found, progress: Progress) -> None:
        """Removes what was left."""
        ...


def read_record(read: Callable[[], BakeRecord | None]) -> tuple[BakeRecord | None, str | None]:
    """Return the record of a bake, None for one that has none, and why it cannot be read."""
    try:
        return read(), None
    except BakeryError as error:
        return None, f"unreadable: {error}"


def of_record(
    place: Bake,
    record: BakeRecord | None,
    uses: Iterable[Use],
    *,
    verified: bool = False,
    problem: str | None = None,
) -> Bake:
    """The bake with what its record says of it; without one it was never completed."""
    known = (
        {
            "variant": record.variant,
            "baked_at": record.finished_at,
            "kernel": record.versions.kernel,
            "source": record.source.name,
            "record": record,
        }
        if record
        else {"problem": problem or "never completed"}
    )
    return place.model_copy(update={**known, "uses": list(uses), "verified": verified})
