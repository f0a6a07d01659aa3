"""The job on standard input: of this program, or of the one that made what is to be undone."""

from typing import TypeVar

from pydantic import ValidationError

from images.errors import BakeryError
from images.record import Fact

#: Pulumi asks these with the input with which that was made (pulumi-command, `Delete` of
#: commandController.go), perhaps years ago.
_UNDO = ("unpublish", "close-gallery", "withdraw-listings")
_Job = TypeVar("_Job", bound=Fact)


def read_job(work: str, model: type[_Job], text: str) -> _Job:
    """The job of a work. What this program does not know any more, an undo passes over.

    Raises BakeryError.
    """
    try:
        return model.model_validate_json(text, extra="ignore" if work in _UNDO else None)
    except ValidationError as error:
        raise BakeryError(f"the job on standard input cannot be used: {error}") from None
