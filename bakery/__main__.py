"""`python -m bakery WORK`: what Pulumi's commands run.

WORK is bake or verify; admit, clear and confirm, which surround a publication in a cloud; publish
or unpublish, which are the publication on this machine; share and unshare, which are for galleries
of Azure.

The job comes on standard input, the record leaves on standard output, progress goes to standard
error. A failure is told in a few lines there, and the exit status is 1.
"""

import argparse
import os
import sys
from typing import TypeVar

from pydantic import ValidationError

from bakery.adapters import adapter_of, publisher_of
from bakery.bake import bake
from bakery.errors import BakeryError
from bakery.parent import Parent
from bakery.progress import Progress
from bakery.scrub import scrub
from bakery.verify import verify
from images.errors import Mistake
from images.job import (
    AdmitJob,
    BakeJob,
    ClearJob,
    ConfirmJob,
    PublishJob,
    ShareJob,
    VerifyJob,
)
from images.record import Fact

_WORKS = (
    *("bake", "verify", "admit", "clear", "confirm"),
    *("publish", "unpublish"),
    *("share", "unshare"),
)
_Job = TypeVar("_Job", bound=Fact)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bakery", description=__doc__)
    parser.add_argument("work", choices=_WORKS)
    work = parser.parse_args().work
    parent, progress = Parent(), Progress()
    try:
        result = _run(work, sys.stdin.read(), parent, progress)
    except Mistake as error:
        print(f"error: {scrub(str(error), os.environ)}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or 'this machine'}: {error.strerror}", file=sys.stderr)
        return 1
    if result is not None:
        print(result.model_dump_json())
    return 0


def _run(work: str, text: str, parent: Parent, progress: Progress) -> Fact | None:
    match work:
        case "bake":
            job = _job(BakeJob, text)
            return bake(job, adapter_of(job.target, job.stack, progress), parent, progress)
        case "verify":
            job = _job(VerifyJob, text)
            return verify(job, adapter_of(job.target, job.stack, progress), parent, progress)
        case "admit":
            job = _job(AdmitJob, text)
            return publisher_of(job.target, progress).admit(job, progress)
        case "clear":
            job = _job(ClearJob, text)
            return publisher_of(job.target, progress).clear(job, progress)
        case "confirm":
            job = _job(ConfirmJob, text)
            return publisher_of(job.target, progress).confirm(job, progress)
        case "publish" | "unpublish":
            return _on_this_machine(work, _job(PublishJob, text), progress)
        case _:
            return _of_gallery(work, _job(ShareJob, text), progress)


def _on_this_machine(work: str, job: PublishJob, progress: Progress) -> Fact | None:
    # The contract's models are for those who need them.
    from bakery.local.publish import publish, unpublish
    from images.local_publication import ANSWER_VARIABLE

    if work == "publish":
        return publish(job, progress)
    return unpublish(job, os.environ.get(ANSWER_VARIABLE, ""), progress)


def _of_gallery(work: str, job: ShareJob, progress: Progress) -> Fact | None:
    # Azure's packages are for those who need them.
    from bakery.azure.sharing import share, unshare

    return share(job, progress) if work == "share" else unshare(job, progress)


def _job(model: type[_Job], text: str) -> _Job:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise BakeryError(f"the job on standard input cannot be used: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
