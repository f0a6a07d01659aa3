"""Which release servers go on being told of while Oracle reviews what is new, or a cloud is away.

A review takes days, of every region by itself. A release that was current before goes on being so
as long as servers find all of it that they found then, and what is new lacks nothing else.
"""

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime

from images.catalog import Cloud, ImageKey
from images.contract import Contract, Release

#: An image and one of its places.
_Spot = tuple[ImageKey, str]


def today() -> date:
    """The day, as clouds and contracts count days."""
    return datetime.now(UTC).date()


def staying(
    before: Contract,
    prefix: str,
    releases: Sequence[Release],
    today: date,
    unreached: Container[Cloud] = frozenset(),
) -> str | None:
    """Return the release that was current before, if it stays so though another rule would end it.

    One that retires does up to its day, while what follows it waits: nobody could be told of that.
    `unreached` are clouds of which nothing is known now. Whoever has gone back to an earlier
    release does not want the later one.
    """
    version = before.current
    versions = [release.version for release in releases]
    if version not in versions or before.prefix != prefix:
        return None
    at = versions.index(version)
    release, later = releases[at], [one for one in releases[at + 1 :] if one.state == "live"]
    known = [one.version for one in before.releases]
    if {one.version for one in later} & set(known[: known.index(version)]):
        return None
    if not _waits(release, _whole(before, version), unreached):
        return None
    if release.retires is None:
        return version
    follows = any(_waits(one, _whole(before, one.version), unreached) for one in later)
    return version if follows and today < release.retires else None


def _whole(before: Contract, version: str) -> set[_Spot]:
    """Where servers found a release before."""
    return {
        (image.key, place)
        for release in before.releases
        if release.version == version
        for image in release.images
        for place in image.found.keys() - {one.place for one in image.missing}
    }


def _waits(release: Release, whole: Container[_Spot], unreached: Container[Cloud]) -> bool:
    """Whether it lacks nothing but an answer of Oracle, where servers did not find it before."""
    return all(
        one.place in image.in_review and (image.key, one.place) not in whole
        for image in release.images
        if image.cloud not in unreached
        for one in image.missing
    )
