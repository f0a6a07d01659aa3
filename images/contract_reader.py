"""Reads contracts, of this version and of the one before."""

import json
from typing import Any

from pydantic import ValidationError

from images.contract import Contract, Image, contract, release
from images.errors import UserError
from images.record import NULLS_DROPPED


def read(text: str) -> Contract:
    """The contract in a JSON document. Raises UserError where it is none."""
    try:
        found = json.loads(text)
        if isinstance(found, dict) and found.get("schema_version") == 1:  # pyright: ignore[reportUnknownMemberType]
            return _from_first(found)  # pyright: ignore[reportUnknownArgumentType]
        return Contract.model_validate(found)
    except (ValueError, LookupError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise UserError(
            f"this is no contract of a stack ({why}); `pulumi stack output contract --json` "
            "prints one"
        ) from None


def read_outputs(found: object) -> Contract | None:
    """The contract as a Pulumi program gets it of a stack's outputs; None where it is none of this
    version.
    """
    try:
        return Contract.model_validate(found, context=NULLS_DROPPED)
    except ValidationError:
        return None


def _from_first(found: dict[str, Any]) -> Contract:
    """Read version 1, which had all images in one list and only what was whole."""
    versions = list(dict.fromkeys(image["version"] for image in found["images"]))
    # The last one was current, wherever its images stood.
    versions.sort(key=lambda version: version == found["version"])
    return contract(
        found["stack"],
        found["prefix"],
        [
            release(
                version,
                None,
                [_image(image) for image in found["images"] if image["version"] == version],
            )
            for version in versions
        ],
    )


def _image(found: dict[str, Any]) -> Image:
    image = Image.model_validate({**found, "cloud": found["place"]["cloud"], "found": {}})
    assert image.place is not None
    return image.model_copy(update={"found": image.place.ids()})
