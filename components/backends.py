"""Which clouds this program builds for: those that have a `cloud` module in their folder here."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

import pulumi

from config.settings import Settings
from images.catalog import CLOUDS, Cloud
from images.contract import Image


class _Backend(Protocol):
    def images(self, settings: Settings) -> Iterator[pulumi.Output[Image]]: ...


BUILT: tuple[Cloud, ...] = tuple(
    cloud for cloud in CLOUDS if find_spec(f"components.{cloud}.cloud") is not None
)


def images_of(settings: Settings) -> list[pulumi.Output[Image]]:
    """Registers everything that the stack's clouds need; returns what they publish."""
    published: list[pulumi.Output[Image]] = []
    for cloud in settings.clouds.selected():
        # Loaded one by one: the packages of all clouds would take every `up` a second and more.
        backend = cast(_Backend, import_module(f"components.{cloud}.cloud"))
        published += backend.images(settings)
    return published
