"""Where an image is, by the name that people look it up by there, and the line that boots it."""

from dataclasses import dataclass

from images.azure import AzurePlace
from images.contract import Image
from images.gcp import GcpPlace
from ops.clouds import server_facts


@dataclass(frozen=True)
class Spot:
    """One place of an image."""

    region: str
    id: str


def spots(image: Image) -> list[Spot]:
    """All places of an image, by region; of one that is not whole, what was found of it."""
    match image.place:
        case AzurePlace() as place if place.gallery is None:
            return [Spot(place.location, place.managed_image_id or "")]
        case AzurePlace() as place:
            assert place.gallery is not None
            one = place.gallery.address(image.name)
            return [Spot(region, one) for region in sorted(place.gallery.replicas)]
        case GcpPlace() as place:
            return [Spot("global", place.self_link.partition("/v1/")[2])]
        case None:
            return [Spot(region, found) for region, found in sorted(image.found.items())]
        case place:
            return [Spot(region, found) for region, found in sorted(place.ids().items())]


def command(image: Image) -> str:
    """A line that boots it, with `{region}` and `{id}` where those of a spot go."""
    line = server_facts(image.cloud).command
    match image.place:
        case AzurePlace() as place if place.gallery is not None:
            return f"{line}/Versions/latest"
        case GcpPlace() as place:
            return line.format(project=place.project, name=place.self_link.rpartition("/")[2])
        case None:
            return ""
        case _:
            return line


def at(spot: Spot, line: str) -> str:
    """The line of `command` for a spot."""
    return line.replace("{region}", spot.region).replace("{id}", spot.id)
