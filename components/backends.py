"""Which clouds this program builds for. To add one: its module, its line here."""

from collections.abc import Callable, Iterator

import pulumi

from components.aws import cloud as aws
from components.local import cloud as local
from components.settings import Settings
from images.catalog import Cloud
from images.contract import Image

_BACKENDS: dict[Cloud, Callable[[Settings], Iterator[pulumi.Output[Image]]]] = {
    "local": local.images,
    "aws": aws.images,
}

BUILT: tuple[Cloud, ...] = tuple(_BACKENDS)


def images_of(settings: Settings) -> list[pulumi.Output[Image]]:
    """Registers everything that the stack's clouds need; returns what they publish."""
    return [image for cloud in settings.clouds.selected() for image in _BACKENDS[cloud](settings)]
