"""Records that an image carries itself, so that content needs no other store to be known.

A bucket belongs to a stack and may go with it; content belongs to all stacks of a project. An
image has room in two places: its description (2048 characters) and its labels (64, of which a
value has 63 characters out of 38). The record of a bake is some 1600 characters compressed and
base64, so it goes into the description; what does not fit and the record of the verification
go into labels, in base32, numbered from 0.

Source of the limits: Compute Engine, "Images" (REST) and "Organize resources using labels".
"""

import base64
import zlib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from bakery.records.tags import keys
from images.errors import Damaged
from images.tags import RECORD, VERIFICATION

#: How a description begins that is a record: how many labels go on with it comes behind.
_MARK = "dstack-record"
_DESCRIPTION = 2048
_BYTES_DESCRIBED = (_DESCRIPTION - 32) // 4 * 3
_BYTES_LABELLED = 39
#: Labels that an image may have beside its own ones.
_LABELS = 52
_Record = TypeVar("_Record", bound=BaseModel)


class TooLarge(Exception):
    """A record that an image has no room for."""


def described(record: BaseModel) -> tuple[str, dict[str, str]]:
    """The description that holds the record, and the labels that it goes on in.

    Raises TooLarge.
    """
    packed = zlib.compress(record.model_dump_json().encode(), 9)
    more = _to_labels(RECORD, packed[_BYTES_DESCRIBED:])
    text = base64.b64encode(packed[:_BYTES_DESCRIBED]).decode()
    return f"{_MARK} {len(more)}:{text}", more


def from_description(text: str, labels: Mapping[str, str], model: type[_Record]) -> _Record | None:
    """The record; None where there is none. Raises Damaged."""
    head, _, body = text.partition(":")
    mark, _, count = head.partition(" ")
    if mark != _MARK:
        return None
    try:
        packed = base64.b64decode(body, validate=True)
        packed += _from_labels(RECORD, labels, int(count))
        return model.model_validate_json(zlib.decompress(packed))
    except (KeyError, ValueError, zlib.error) as error:
        raise Damaged(f"its description: {error}") from None


def labelled(record: BaseModel) -> dict[str, str]:
    """The labels that hold the record of a verification. Raises TooLarge."""
    packed = zlib.compress(record.model_dump_json().encode(), 9)
    return _to_labels(VERIFICATION, packed)


def from_labels(labels: Mapping[str, str], model: type[_Record]) -> _Record | None:
    """The record; None where there is none. Raises Damaged."""
    found = keys(VERIFICATION, labels)
    if not found:
        return None
    try:
        packed = _from_labels(VERIFICATION, labels, len(found))
        return model.model_validate_json(zlib.decompress(packed))
    except (KeyError, ValueError, zlib.error) as error:
        raise Damaged(f"labels {VERIFICATION}-*: {error}") from None


def _to_labels(key: str, packed: bytes) -> dict[str, str]:
    pieces = [packed[at : at + _BYTES_LABELLED] for at in range(0, len(packed), _BYTES_LABELLED)]
    if len(pieces) > _LABELS:
        raise TooLarge(f"{len(pieces)} labels would be needed and there is room for {_LABELS}")
    return {
        f"{key}-{number}": base64.b32encode(piece).decode().rstrip("=").lower()
        for number, piece in enumerate(pieces)
    }


def _from_labels(key: str, labels: Mapping[str, str], count: int) -> bytes:
    pieces = [labels[f"{key}-{number}"].upper() for number in range(count)]
    return b"".join(base64.b32decode(piece + "=" * (-len(piece) % 8)) for piece in pieces)
