"""Limits of galleries in a subscription and region, which no API tells: they are counted.

Source: "Store and share images in an Azure Compute Gallery", Limits.
"""

from collections.abc import Iterator

from azure.mgmt.compute import ComputeManagementClient, models

from bakery.azure import clients
from config.azure import Azure
from images.regions import plain_region
from ops.azure.subscription import subscription
from ops.headroom import Headroom

GALLERIES, DEFINITIONS, VERSIONS = 100, 1_000, 10_000
_REQUEST = "the limit is fixed: ask Azure's support, or retire releases"
_NOTE = "galleries are counted as far as these credentials see"


def headroom(chosen: Azure, names: list[str], *, public: bool) -> Iterator[Headroom]:
    """Return the limits of the gallery's location; a private stack has none."""
    if not public or chosen.gallery is None:
        return
    where = subscription(chosen.endpoint)
    with clients.translate_errors(where.subscription):
        client = clients.compute(where)
        galleries = _galleries(client, chosen.resource_group)
        here = [one for one in galleries if plain_region(one.location) == chosen.location]
        definitions: dict[str, int] = {}
        ours = set[str]()
        for gallery in here:
            group, name = _group(gallery.id or ""), gallery.name or ""
            for image in client.gallery_images.list_by_gallery(group, name):
                one = image.name or ""
                versions = client.gallery_image_versions.list_by_gallery_image(group, name, one)
                definitions[f"{name}/{one}"] = len(list(versions))
                if name.lower() == chosen.gallery.lower():
                    ours.add(one)
    missing = sum(name not in ours for name in names)
    new = 0 if any((one.name or "").lower() == chosen.gallery.lower() for one in here) else 1
    for what, limit, used, needed in (
        ("galleries", GALLERIES, len(here), new),
        ("image definitions", DEFINITIONS, len(definitions), missing),
        ("image versions", VERSIONS, sum(definitions.values()), missing),
    ):
        yield Headroom(
            cloud="azure",
            where=chosen.location,
            what=what,
            limit=limit,
            used=used,
            needed=needed,
            request=_REQUEST,
            note=_NOTE,
        )


def _galleries(client: ComputeManagementClient, group: str) -> list[models.Gallery]:
    """Return the subscription's galleries that may be seen, those of the group with them.

    Azure does not say what it leaves out (gravitational/teleport#66631), and what is new gets into
    the subscription's list after minutes (Azure/azure-rest-api-specs#28600).
    """
    found = list(client.galleries.list())
    with clients.absent_is_fine():
        found += client.galleries.list_by_resource_group(group)
    return list({(one.id or "").lower(): one for one in found}.values())


def _group(id: str) -> str:
    """The group in the id of a resource."""
    return id.split("/")[4]
