"""Looks images up as dstack's server does: by name, with nothing known of who published them."""

from collections.abc import Iterator

from config.settings import Clouds
from images.contract import Image
from images.errors import UserError
from ops.lookups.look import Look, of


def look_up(image: Image, clouds: Clouds | None) -> Iterator[Look]:
    """What each generation of servers finds in each place; `clouds` says where those are reached.

    A cloud that cannot be asked is a problem of the image, so that the others are looked at too.
    """
    for lacking in image.missing:
        yield of(image, lacking.place, problem=lacking.reason)
    try:
        yield from _ask(image, clouds or Clouds())
    except UserError as error:
        yield of(image, "everywhere", problem=f"it cannot be looked up: {error}")


def _ask(image: Image, clouds: Clouds) -> Iterator[Look]:
    """The packages of all clouds would take seconds, so that each is loaded when it is asked."""
    if image.place is None:
        return iter(())
    match image.place.cloud:
        case "local":
            from ops.lookups.local import looks
        case "aws":
            from ops.lookups.aws import looks
        case "azure":
            from ops.lookups.azure import looks
        case "gcp":
            from ops.lookups.gcp import looks
        case "oci":
            from ops.lookups.oci import looks
    return looks(image, clouds)
