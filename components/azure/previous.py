"""What the stack had published in a gallery when this update began, from its own outputs."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, ValidationError

from components.own_outputs import own_outputs
from config.stack import Stack


class PreviousPublication(BaseModel):
    """One name: content of when, in which regions, until when.

    It is read leniently: `read_outputs` refuses the contract of another version of this program,
    and a retired release, of which nobody would then know, would be sent without its date.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    name: str
    built_at: datetime = Field(validation_alias=AliasPath("content", "built_at"))
    replicas: dict[str, int] = Field(validation_alias=AliasPath("place", "gallery", "replicas"))
    end_of_life: date | None = Field(
        default=None, validation_alias=AliasPath("place", "gallery", "end_of_life")
    )


class _Release(BaseModel):
    images: list[dict[str, Any]] = []


class _Contract(BaseModel):
    releases: list[_Release] = []


def previous_publication(stack: Stack) -> dict[str, PreviousPublication]:
    """Return what the stack's galleries have, by name, as far as its contract can be read."""
    return {found.name: found for found in _published(own_outputs(stack).get("contract"))}


def _published(contract: Any) -> Iterator[PreviousPublication]:
    try:
        releases = _Contract.model_validate(contract).releases
    except ValidationError:
        return
    for image in (image for release in releases for image in release.images):
        try:
            yield PreviousPublication.model_validate(image)
        except ValidationError:
            # In no gallery, or of another version of this program.
            continue
