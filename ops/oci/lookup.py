"""Looks images up as dstack's server does: the one listing of a name, in each region.

Source: dstack 0.22.5, `core/backends/oci/resources.py`: it demands just one community listing of
the name and takes the image of its default package. A private image has no listing, so it is
looked for by its name in the compartment.
"""

from collections.abc import Iterator

from bakery.oci import clients
from bakery.oci.clients import Access
from bakery.oci.images import Images
from bakery.oci.listings import Listings
from config.settings import Clouds
from images.contract import Image
from images.oci import OciPlace
from ops.look import Look, of, place_of


def looks(image: Image, _clouds: Clouds) -> Iterator[Look]:
    """One answer for each region whose listing is not waited for: of those, `missing` tells."""
    place = place_of(image, OciPlace)
    waiting = place.waiting()
    asked = {region: one for region, one in place.regions.items() if region not in waiting}
    if not asked:
        return
    access = clients.access()
    for region, expected in asked.items():
        with clients.translate_errors(region):
            find = _by_name if expected.listing is None else _by_listing
            boots = find(access, region, place.compartment_id, image.name)
        yield of(image, region, boots=_one(boots), problem=_problem(boots, expected.image_id))


def _by_name(access: Access, region: str, compartment: str, name: str) -> list[str]:
    return [one.id for one in Images(access, region, compartment).all(name)]


def _by_listing(access: Access, region: str, compartment: str, name: str) -> list[str]:
    listings = Listings(access, region, compartment)
    return [listings.boots(listing) for listing in listings.listings(name)]


def _one(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _problem(found: list[str], expected: str) -> str | None:
    if not found:
        return "servers find nothing of that name"
    if len(found) > 1:
        return f"servers demand one of that name and find {len(found)}: {', '.join(found)}"
    if found[0] != expected:
        return f"servers boot {found[0]}, and not {expected}"
    return None
