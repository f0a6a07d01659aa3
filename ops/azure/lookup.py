"""Looks images up as both generations of dstack's server do.

Sources: dstack's `core/backends/azure/compute.py`, `_get_image_ref`. Up to 0.22.3 it asks for the
community image in the machine's location; since 0.22.4 it writes the image's address down, of which
Azure takes the newest version there that is not excluded from the latest ("Create a VM from a
community gallery image"). With a prefix both take a managed image of their own subscription.
"""

from collections.abc import Iterator

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient

from bakery.azure import clients
from bakery.azure.images import Images
from config.settings import Clouds
from images.azure import AzureGallery, AzurePlace
from images.contract import Image
from images.regions import plain_region
from ops.azure.subscription import subscription
from ops.look import Look, of, place_of
from ops.servers import LOOKING, WRITING


def looks(image: Image, clouds: Clouds) -> Iterator[Look]:
    """Two answers for each region of a version in a gallery, one for a managed image."""
    place = place_of(image, AzurePlace)
    where = subscription(clouds.azure and clouds.azure.endpoint)
    if place.gallery is None:
        # It is in no other subscription than the publisher's.
        where = where.model_copy(update={"subscription": place.subscription_id})
        with clients.translate_errors(place.resource_group):
            found = Images(where, place.resource_group).named(image.name)
        yield of(
            image,
            place.location,
            boots=found and found.id,
            problem=None if found and found.ready else "servers find no managed image of that name",
        )
        return
    client = clients.compute(where)
    for region in map(plain_region, place.gallery.replicas):
        with clients.translate_errors(region):
            yield _looked_up(client, image, place.gallery, region)
            yield _written_down(client, image, place.gallery, region)


def _looked_up(
    client: ComputeManagementClient, image: Image, gallery: AzureGallery, region: str
) -> Look:
    try:
        found = client.community_gallery_images.get(region, gallery.public_name, image.name)
    except ResourceNotFoundError:
        problem = f"servers find no such image in {gallery.public_name}"
        return of(image, region, servers=LOOKING, problem=problem)
    unique = found.identifier.unique_id if found.identifier else None
    return of(image, region, servers=LOOKING, boots=unique or image.name)


def _written_down(
    client: ComputeManagementClient, image: Image, gallery: AzureGallery, region: str
) -> Look:
    where = (region, gallery.public_name, image.name)
    try:
        versions = list(client.community_gallery_image_versions.list(*where))
    except ResourceNotFoundError:
        versions = []
    offered = [
        version.name or ""
        for version in versions
        if not (version.properties and version.properties.exclude_from_latest)
    ]
    newest = max(offered, key=_numbers, default=None)
    problem = None
    if newest is None:
        problem = "no version is there for servers" + (
            f": {', '.join(version.name or '' for version in versions)} is excluded from the latest"
            if versions
            else ""
        )
    elif newest != gallery.version:
        problem = f"servers boot version {newest}, and not {gallery.version}"
    boots = newest and f"{gallery.address(image.name)} ({newest})"
    return of(image, region, servers=WRITING, boots=boots, problem=problem)


def _numbers(version: str) -> tuple[int, ...]:
    """How Azure orders versions: by three numbers."""
    return tuple(int(number) for number in version.split(".") if number.isdigit())
