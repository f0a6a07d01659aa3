"""Waiting for what Oracle does later, never without an end."""

from collections.abc import Callable

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from images.errors import BakeryError

#: Seconds between looks.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0


def wait_while(goes_on: Callable[[], bool], patience: float, what: str) -> None:
    """Looks until it no longer goes on. Raises BakeryError at the end of patience, in seconds."""
    looking = Retrying(
        retry=retry_if_result(bool),
        stop=stop_after_delay(patience),
        wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
    )
    try:
        looking(goes_on)
    except RetryError:
        raise BakeryError(f"{what} is not done after {patience:.0f} s") from None
