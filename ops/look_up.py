"""Looks images up as dstack's server does: by name, with nothing known of who published them."""

from collections.abc import Iterator

from config.settings import Clouds
from images.contract import Image
from images.errors import UserError
from ops.clouds import looks, server_facts
from ops.look import Look, of


def look_up(image: Image, clouds: Clouds | None) -> Iterator[Look]:
    """What each generation of servers finds in each place; `clouds` says where those are reached.

    A cloud that cannot be asked is a problem of the image, so that the others are looked at too.
    """
    machines = server_facts(image.cloud).machines.get(image.variant, "none")
    for look in _answers(image, clouds or Clouds()):
        yield look.model_copy(update={"machines": machines})


def _answers(image: Image, clouds: Clouds) -> Iterator[Look]:
    waiting = image.in_review
    for lacking in image.missing:
        there = lacking.place
        yield of(image, there, problem=lacking.reason, in_review=there in waiting)
    if image.place is None:
        return
    try:
        yield from looks(image.cloud)(image, clouds)
    except UserError as error:
        yield of(image, "everywhere", problem=f"it cannot be looked up: {error}")
