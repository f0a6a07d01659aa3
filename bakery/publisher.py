"""What the bakery does for publications, which themselves are Pulumi's resources."""

from typing import Protocol

from bakery.progress import Progress
from images.job import Admission, AdmitJob, ClearJob, Confirmation, ConfirmJob


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
