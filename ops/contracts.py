"""Contracts and other documents, as the commands are given them."""

import sys
from pathlib import Path

from images.contract import Contract, Image
from images.contract_reader import read
from images.errors import UserError

#: Means standard input where a file is asked for.
STDIN = "-"
#: Means every release where one is asked for.
EVERY = "all"


def read_bytes(file: str) -> bytes:
    """A document as it is, `-` being text on standard input. Raises UserError."""
    try:
        return sys.stdin.read().encode() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None


def read_text(file: str) -> str:
    """A document's text, `-` being standard input. Raises UserError."""
    try:
        return read_bytes(file).decode()
    except UnicodeDecodeError:
        raise UserError(f"{file} cannot be read: it is no text") from None


def read_contract(file: str) -> Contract:
    """The contract in a file or on standard input. Raises UserError where it is none."""
    return parse_contract(read_text(file), file)


def parse_contract(text: str, file: str) -> Contract:
    """The contract in a text that was read from `file`. Raises UserError where it is none."""
    try:
        return read(text)
    except UserError as error:
        raise UserError(f"{'standard input' if file == STDIN else file}: {error}") from None


def images_of(contract: Contract, release: str | None) -> list[Image]:
    """Images of a release, or of every one; None is the current one.

    Raises UserError where there is no such release.
    """
    wanted = release or contract.current
    found = [
        image
        for one in contract.releases
        if release == EVERY or one.version == wanted
        for image in one.images
    ]
    if not found:
        versions = ", ".join(one.version for one in contract.releases) or "none"
        raise UserError(
            f"the contract of {contract.stack} has no release {wanted or 'that is current'}; it "
            f"has {versions}"
        )
    return found
