"""What a stack has published on Google Cloud: images of its project."""

from collections.abc import Iterator
from functools import partial

from bakery.gcp import clients
from bakery.gcp.images import Images
from config.gcp import Gcp
from images.gcp import GcpZone
from images.labels import label
from ops.published_images import PublishedImage, is_of


def published(chosen: Gcp, stack: str, prefix: str) -> Iterator[PublishedImage]:
    """Each of them. Raises UserError."""
    project = chosen.project
    zone = GcpZone(project=project, zone=chosen.zone, endpoint=chosen.endpoint)
    with clients.translate_errors(project):
        images = Images(zone, clients.compute(zone))
        every = images.all()
    for image in every:
        if is_of(label(stack), prefix, image.name, image.labels):
            yield PublishedImage(
                image.name, project, image.id, partial(_remove, images, project, image.name)
            )


def _remove(images: Images, project: str, name: str) -> None:
    with clients.translate_errors(project):
        images.remove(name)
