"""Images that a stack has published in a cloud, whether or not its state knows of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from images.tags import RELEASE, STACK


@dataclass(frozen=True)
class PublishedImage:
    """One of them; `remove` takes it out of the cloud, with what belongs to it alone."""

    name: str
    where: str
    id: str
    remove: Callable[[], None]

    def __str__(self) -> str:
        return f"{self.name} in {self.where} ({self.id})"


def is_of(stack: str, prefix: str, name: str, tags: Mapping[str, str]) -> bool:
    """Whether something of that name and those tags was published by the stack."""
    return RELEASE in tags and tags.get(STACK) == stack and name.startswith(prefix)
