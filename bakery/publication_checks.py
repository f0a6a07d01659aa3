"""What the bakery does for publications, which themselves are Pulumi's resources."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from bakery.progress import Progress
from images.errors import BakeryError
from images.job import CheckPublishedJob, PreflightJob, PreflightPassed, Published, RemoveOrphanJob

#: Seconds in which a cloud knows everywhere what was made in it.
PATIENCE = 120.0
PAUSE = 3.0


class PublicationChecks(Protocol):
    """Looks before and after, in one cloud."""

    def preflight(self, job: PreflightJob, progress: Progress) -> PreflightPassed:
        """Raises BakeryError with all that is in the way: names taken, limits, refusals."""
        ...

    def remove_orphan(self, job: RemoveOrphanJob, progress: Progress) -> None:
        """Removes what this stack made under the name without recording it.

        Raises BakeryError for what it may not remove, ContentMissing when there is no content to
        publish.
        """
        ...

    def check_published(self, job: CheckPublishedJob, progress: Progress) -> Published:
        """Looks the image up as dstack's server does. Raises BakeryError for what it finds else."""
        ...


def preflight_passed(job: PreflightJob, refused: Sequence[str]) -> PreflightPassed:
    """Return the answer for a plan that nothing is in the way of, or raise BakeryError."""
    if refused:
        lines = "".join(f"\n  - {line}" for line in refused)
        raise BakeryError(f"nothing was made, since it could not be published:{lines}")
    return PreflightPassed(names=job.names, locations=job.locations)


def way_out(public: bool, removal: str) -> str:
    """Return what to do about a name that is taken. Nobody is told to remove what everyone boots.

    `removal` is what its owner may do with an image that is not public.
    """
    other = "choose another release or prefix"
    return f"everyone can boot it: {other}" if public else f"{other}, or {removal}"


def wait_until(
    place: str,
    problem: Callable[[], str | None],
    patience: float | None = None,
    pause: float | None = None,
) -> None:
    """Waits until there is no problem. Raises BakeryError with the one that does not go away."""
    look = Retrying(
        retry=retry_if_result(lambda found: found is not None),
        stop=stop_after_delay(PATIENCE if patience is None else patience),
        wait=wait_fixed(PAUSE if pause is None else pause),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    found = look(problem)
    if found is not None:
        raise BakeryError(f"{place}: {found}; run `pulumi refresh`, then `pulumi up`")
