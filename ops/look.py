"""The answer to one look-up."""

from typing import TypeVar

from images.clouds import Place
from images.contract import Image
from images.record import Fact
from ops.servers import ALL

_Place = TypeVar("_Place", bound=Place)


class Look(Fact):
    """What servers of a generation would boot somewhere; a problem is why that is not right.

    With `in_review` the problem is that Oracle has not answered yet.
    `machines` are those that servers boot it for, in words: `look_up` says so, whatever the cloud.
    """

    release: str
    cloud: str
    variant: str
    name: str
    where: str
    servers: str
    machines: str = ""
    boots: str | None
    problem: str | None
    in_review: bool = False


def of(
    image: Image,
    where: str,
    *,
    boots: str | None = None,
    problem: str | None = None,
    servers: str = ALL,
    in_review: bool = False,
) -> Look:
    """The answer about an image."""
    return Look(
        release=image.version,
        cloud=image.cloud,
        variant=image.variant,
        name=image.name,
        where=where,
        servers=servers,
        boots=boots,
        problem=problem,
        in_review=in_review,
    )


def place_of(image: Image, kind: type[_Place]) -> _Place:
    """Return the image's place, which is one of that cloud."""
    assert isinstance(image.place, kind)
    return image.place
