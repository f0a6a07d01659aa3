"""What a private stack has published on Oracle Cloud: custom images of its regions."""

from collections.abc import Iterator
from functools import partial

from bakery.oci import clients
from bakery.oci.images import Images
from config.oci import Oci
from ops.published_images import PublishedImage, is_of


def published(chosen: Oci, stack: str, prefix: str) -> Iterator[PublishedImage]:
    """Each of them. Raises UserError."""
    access = clients.access()
    for region in chosen.regions:
        with clients.translate_errors(region):
            images = Images(access, region, chosen.compartment)
            every = images.all()
        for image in every:
            if is_of(stack, prefix, image.name, image.tags):
                yield PublishedImage(
                    image.name, region, image.id, partial(_remove, images, region, image.id)
                )


def _remove(images: Images, region: str, id: str) -> None:
    with clients.translate_errors(region):
        images.remove(id)
