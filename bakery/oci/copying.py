"""Whether content can be copied to other regions, asked before anything is baked."""

from __future__ import annotations

from collections.abc import Sequence

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from bakery import publication_checks
from bakery.oci.bucket import COPIES, Bucket, ServiceNotAllowed
from bakery.progress import Progress
from bakery.records.documents import Document

#: Its copies go with all others that are left.
_TRIED = Document(f"{COPIES}tried", b"May it be copied?")


def must_be_allowed(home: Bucket, others: Sequence[Bucket], progress: Progress) -> None:
    """Has Object Storage begin to copy a few letters to each other region, and makes buckets there.

    Raises ServiceNotAllowed where it still may not after a while: a policy that was made a moment
    ago takes its time to arrive.
    """
    if not others:
        return
    home.make()
    home.put(_TRIED)
    again = Retrying(
        retry=retry_if_exception_type(ServiceNotAllowed),
        stop=stop_after_delay(publication_checks.PATIENCE),
        wait=wait_exponential(multiplier=0.5, max=15),
        reraise=True,
    )
    for there in others:
        progress.say(f"trying whether Object Storage may copy to {there.region}")
        there.make()
        again(home.copy, _TRIED.key, there, _TRIED.key)
