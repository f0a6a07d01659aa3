"""What differs between two tables of names and versions, and which way each has gone."""

from collections.abc import Iterator, Mapping
from typing import Literal

from debian.debian_support import NativeVersion

from images.record import Fact

Direction = Literal["added", "removed", "up", "down", "changed"]


class Change(Fact):
    """A change of one thing that has a version. None where the thing is not there."""

    what: str
    before: str | None
    after: str | None
    direction: Direction


def changes(
    before: Mapping[str, str], after: Mapping[str, str], *, ordered: bool = True
) -> Iterator[Change]:
    """What differs, by name. `ordered`: whether one version may be above another."""
    for what in sorted({*before, *after}):
        was, now = before.get(what), after.get(what)
        if was != now:
            way = direction(was, now, ordered=ordered)
            yield Change(what=what, before=was, after=now, direction=way)


def direction(before: str | None, after: str | None, *, ordered: bool = True) -> Direction:
    """Which way a version has gone, by dpkg's order: 1.10 is above 1.9, 1.0~rc1 below 1.0."""
    if before is None or after is None:
        return "added" if before is None else "removed"
    if not ordered or before.startswith("sha256:"):
        return "changed"
    try:
        return "up" if NativeVersion(after) > NativeVersion(before) else "down"
    except ValueError:
        # A system's name has spaces in it and is no version.
        return "changed"
