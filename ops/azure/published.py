"""What a private stack has published on Azure: managed images of its group."""

from collections.abc import Iterator
from functools import partial

from bakery.azure import clients
from bakery.azure.images import Images
from config.azure import Azure
from ops.azure.subscription import subscription
from ops.published_images import PublishedImage, is_of


def published(chosen: Azure, stack: str, prefix: str) -> Iterator[PublishedImage]:
    """Each of them. Raises UserError."""
    group = chosen.resource_group
    with clients.translate_errors(group):
        images = Images(subscription(chosen.endpoint), group)
        every = images.all()
    for image in every:
        if is_of(stack, prefix, image.name, image.tags):
            yield PublishedImage(
                image.name, group, image.id, partial(_remove, images, group, image.name)
            )


def _remove(images: Images, group: str, name: str) -> None:
    with clients.translate_errors(group):
        images.remove(name)
