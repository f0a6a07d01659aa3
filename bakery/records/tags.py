"""Records as tags, so that content in a cloud says itself what it is and needs no other store.

A tag holds 256 characters (EC2, Azure), so a record is compressed and goes into several, numbered
from 0. The first one begins with how many there are: a record is there whole or not at all.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from images.errors import Damaged
from images.record import VerificationRecord
from images.tags import VERIFICATION

_SIZE = 240
_Record = TypeVar("_Record", bound=BaseModel)


def to_tags(key: str, record: BaseModel) -> dict[str, str]:
    """The record under `<key>-0`, `<key>-1`, ..."""
    packed = zlib.compress(record.model_dump_json().encode(), 9)
    text = base64.b64encode(packed).decode()
    pieces = [text[start : start + _SIZE] for start in range(0, len(text), _SIZE)]
    pieces[0] = f"{len(pieces)}:{pieces[0]}"
    return {f"{key}-{number}": piece for number, piece in enumerate(pieces)}


def from_tags(key: str, tags: Mapping[str, str], model: type[_Record]) -> _Record | None:
    """The record; None where there is none, or one that was not written to its end.

    Raises Damaged.
    """
    count, _, first = tags.get(f"{key}-0", "").partition(":")
    if not count:
        return None
    try:
        rest = [tags[f"{key}-{number}"] for number in range(1, int(count))]
    except KeyError:
        return None
    except ValueError:
        raise Damaged(f"tag {key}-0 does not begin with a number") from None
    try:
        packed = base64.b64decode("".join([first, *rest]), validate=True)
        return model.model_validate_json(zlib.decompress(packed))
    except (ValueError, zlib.error) as error:
        raise Damaged(f"tags {key}-*: {error}") from None


def verification_in(tags: Mapping[str, str]) -> VerificationRecord | None:
    """The record of a verification, if there is one that can be read: it costs a boot, no more."""
    try:
        return from_tags(VERIFICATION, tags, VerificationRecord)
    except Damaged:
        return None


def keys(key: str, tags: Mapping[str, str]) -> list[str]:
    """Keys of the tags that hold this record."""
    return [name for name in tags if name.removeprefix(f"{key}-").isdigit()]
