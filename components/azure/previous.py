"""What the stack had published in a gallery when this update began, from its own outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ValidationError

from components.own_outputs import own_outputs
from config.stack import Stack


@dataclass(frozen=True)
class PreviousPublication:
    """One name: content of when, in which regions, until when."""

    built_at: datetime
    replicas: Mapping[str, int]
    end_of_life: date | None


class _Content(BaseModel):
    built_at: datetime


class _Gallery(BaseModel):
    replicas: dict[str, int]
    end_of_life: date | None = None


class _Place(BaseModel):
    gallery: _Gallery | None = None


class _Image(BaseModel):
    name: str
    content: _Content | None = None
    place: _Place | None = None


class _Release(BaseModel):
    images: list[_Image] = []


class _Contract(BaseModel):
    """As much of it as is needed: between its outputs and a program, Pulumi drops what is null."""

    releases: list[_Release] = []


def previous_publication(stack: Stack) -> dict[str, PreviousPublication]:
    """Return what the last update that succeeded has published, by name."""
    try:
        contract = _Contract.model_validate(own_outputs(stack).get("contract", {}))
    except ValidationError:
        # Of another version of this program.
        return {}
    return {
        image.name: PreviousPublication(
            image.content.built_at, gallery.replicas, gallery.end_of_life
        )
        for release in contract.releases
        for image in release.images
        if image.content and image.place and (gallery := image.place.gallery)
    }
