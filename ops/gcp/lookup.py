"""Looks images up as dstack's server does: by project and name.

Source: dstack 0.22.5, `core/backends/gcp/compute.py`, `_get_image`: it names
`projects/dstack/global/images/<name>`, which Compute Engine resolves when a machine is made.
"""

from collections.abc import Iterator

from bakery.gcp import clients
from bakery.gcp import images as gcp_images
from config.settings import Clouds
from images.contract import Image
from images.gcp import GcpPlace, GcpProject
from ops.look import Look, of, place_of


def looks(image: Image, clouds: Clouds) -> Iterator[Look]:
    """One answer: images are global."""
    place = place_of(image, GcpPlace)
    project = GcpProject(project=place.project, endpoint=clouds.gcp and clouds.gcp.endpoint)
    with clients.translate_errors(place.project):
        images = gcp_images.Images(project, clients.compute(project))
        found = images.named(image.name)
        problem = _problem(found, place)
        if problem is None and place.member is not None:
            problem = _shut(images, image.name)
    boots = found and f"projects/{place.project}/global/images/{found.name} ({found.id})"
    yield of(image, "all regions", boots=boots, problem=problem)


def _problem(found: gcp_images.Image | None, place: GcpPlace) -> str | None:
    if found is None:
        return f"servers find no image of that name in {place.project}"
    if found.id != place.id:
        return f"servers boot image {found.id}, and not {place.id}"
    if not found.ready:
        return "it is not ready"
    if found.withdrawn:
        return "it is marked obsolete or deleted: no machine may be made of it"
    return None


def _shut(images: gcp_images.Images, name: str) -> str | None:
    """Who it is opened to is told to its owner alone; others would not have found it."""
    try:
        return None if images.public(name) else "it is private: servers of others cannot boot it"
    except clients.Refused as error:
        if error.status == 403:
            return None
        raise
