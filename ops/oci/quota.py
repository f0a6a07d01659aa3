"""The limit of custom images in each region ("Service Limits", compute, custom-image-count)."""

from collections.abc import Iterator

from bakery.oci import clients
from bakery.oci.images import Images
from bakery.oci.place import room_for_images
from config.oci import Oci
from images.naming import BAKES
from ops.headroom import Headroom


def headroom(chosen: Oci, names: list[str]) -> Iterator[Headroom]:
    """Return the limit of each region; in the home region content counts as well."""
    access = clients.access()
    for region in dict.fromkeys([chosen.home_region, *chosen.regions]):
        with clients.translate_errors(region):
            there = [one.name for one in Images(access, region, chosen.compartment).all()]
            room = room_for_images(access, region)
        needed = sum(name not in there for name in names) if region in chosen.regions else 0
        if region == chosen.home_region:
            needed += max(0, len(names) - sum(name.startswith(BAKES) for name in there))
        yield Headroom(
            cloud="oci",
            where=region,
            what="custom images",
            limit=None if room is None else len(there) + room,
            used=len(there),
            needed=needed,
            request=(
                f"Oracle's console, Limits, quotas and usage, {region}: ask for "
                f"{len(there) + needed} of custom-image-count"
            ),
            unknown="" if room is not None else "these credentials may not read limits",
        )
