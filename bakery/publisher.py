"""What the bakery does for publications, which themselves are Pulumi's resources."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bakery.errors import BakeryError
from bakery.progress import Progress
from images.job import Admission, AdmitJob, ClearJob, Confirmation, ConfirmJob
from images.tags import STACK


class Publisher(Protocol):
    """Looks before and after, in one cloud."""

    def admit(self, job: AdmitJob, progress: Progress) -> Admission:
        """Raises BakeryError with all that is in the way: names taken, limits, refusals."""
        ...

    def clear(self, job: ClearJob, progress: Progress) -> None:
        """Removes what this stack made under the name without recording it.

        Raises BakeryError for what it may not remove, Gone when there is no content to publish.
        """
        ...

    def confirm(self, job: ConfirmJob, progress: Progress) -> Confirmation:
        """Looks the image up as dstack's server does. Raises BakeryError for what it finds else."""
        ...


def admission(job: AdmitJob, refused: Sequence[str]) -> Admission:
    """Of a plan that nothing is in the way of. Raises BakeryError with all that is."""
    if refused:
        lines = "".join(f"\n  - {line}" for line in refused)
        raise BakeryError(f"nothing was made, since it could not be published:{lines}")
    return Admission(names=job.names, places=job.places)


def whose(tags: Mapping[str, str]) -> str:
    """The owner of something with these tags, in words."""
    owner = tags.get(STACK)
    return f"the stack {owner}" if owner else "no stack"
