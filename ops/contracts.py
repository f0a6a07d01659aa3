"""Contracts as the commands see them: the one place that knows how a contract is written."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from images.contract import Content, Contract, Place
from images.errors import UserError

#: Means standard input where a file is asked for.
STDIN = "-"


@dataclass(frozen=True)
class Shipped:
    """One image of one release. `content` and `place` are None where it is not there yet."""

    stack: str
    release: str
    cloud: str
    variant: str
    name: str
    prefix: str
    content: Content | None
    place: Place | None

    @property
    def key(self) -> str:
        """Which image it is, whatever its release."""
        return f"{self.cloud}-{self.variant}"


@dataclass(frozen=True)
class Releases:
    """What a stack has published; `current` is what its servers are to use, if anything."""

    stack: str
    prefix: str
    current: str | None
    images: list[Shipped]

    @property
    def versions(self) -> list[str]:
        """Releases in the order in which the contract has them."""
        return list(dict.fromkeys(image.release for image in self.images))

    def of(self, release: str | None) -> list[Shipped]:
        """Images of a release; None is the current one. Raises UserError where there is none."""
        wanted = release or self.current
        found = [image for image in self.images if image.release == wanted]
        if not found:
            raise UserError(
                f"the contract of {self.stack} has no release {wanted or 'that is current'}; it "
                f"has {', '.join(self.versions) or 'none'}"
            )
        return found


def read_text(file: str) -> str:
    """A document's text, `-` being standard input. Raises UserError."""
    try:
        return sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UserError(f"{file} cannot be read: {why}") from None


def read_releases(file: str) -> Releases:
    """The contract in a file or on standard input. Raises UserError."""
    return releases(read_text(file), "standard input" if file == STDIN else file)


def releases(text: str, where: str) -> Releases:
    """The contract in a text that comes from `where`. Raises UserError where it is none."""
    try:
        found = Contract.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "the document"
        raise UserError(
            f"{where} holds no contract of a stack ({at}: {first['msg']}); `pulumi stack output "
            "contract --json` prints one"
        ) from None
    return Releases(found.stack, found.prefix, found.version, list(_shipped(found)))


def _shipped(found: Contract) -> Iterator[Shipped]:
    for image in found.images:
        yield Shipped(
            stack=found.stack,
            release=image.version,
            cloud=image.place.cloud,
            variant=image.variant,
            name=image.name,
            prefix=image.prefix,
            content=image.content,
            place=image.place,
        )
