"""`python -m bakery WORK`: what Pulumi's commands run.

WORK is bake or verify; preflight, remove-orphan and check-published, which surround a publication
in a cloud; publish
or unpublish, which are the publication on this machine; open-gallery and close-gallery, which are
for galleries of Azure; export, supply, submit-listings and withdraw-listings, which are for Oracle
Cloud: from a bucket to its regions, and to its Marketplace.

The job comes on standard input, the record leaves on standard output, progress goes to standard
error. A failure is told in a few lines there, and the exit status is 1. At a signal, and when
whoever asked is gone, bake and verify stop Packer and end; all others end where they stand: each
finds what an earlier run of it has done.
"""

import argparse
import os
import sys

from bakery.adapters import adapter_of, publication_checks_of
from bakery.bake import bake
from bakery.caller import Caller
from bakery.jobs import read_job
from bakery.progress import Progress
from bakery.scrub import scrub
from bakery.verify import verify
from images.errors import UserError
from images.job import (
    BakeJob,
    CheckPublishedJob,
    GalleryJob,
    PreflightJob,
    PublishJob,
    RemoveOrphanJob,
    VerifyJob,
)
from images.record import Fact

_WITH_PACKER = ("bake", "verify")
_WORKS = (
    *_WITH_PACKER,
    *("preflight", "remove-orphan", "check-published"),
    *("publish", "unpublish"),
    *("open-gallery", "close-gallery"),
    *("export", "supply", "submit-listings", "withdraw-listings"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bakery", description=__doc__)
    parser.add_argument("work", choices=_WORKS)
    work = parser.parse_args().work
    caller = Caller(Progress())
    try:
        if work in _WITH_PACKER:
            caller.note_signals()
        else:
            caller.end_with_it()
        result = _run(work, sys.stdin.read(), caller)
        if result is not None:
            print(result.model_dump_json(), flush=True)
    except KeyboardInterrupt:
        print(f"error: {work} was cancelled before its end; run again", file=sys.stderr)
        return 1
    except UserError as error:
        print(f"error: {scrub(str(error), os.environ)}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"error: {error.filename or 'this machine'}: {error.strerror or error}", file=sys.stderr
        )
        return 1
    return 0


def _run(work: str, text: str, caller: Caller) -> Fact | None:
    progress = caller.progress
    match work:
        case "bake":
            job = read_job(work, BakeJob, text)
            return bake(job, adapter_of(job.target, job.stack, progress), caller)
        case "verify":
            job = read_job(work, VerifyJob, text)
            return verify(job, adapter_of(job.target, job.stack, progress), caller)
        case "preflight":
            job = read_job(work, PreflightJob, text)
            return publication_checks_of(job.target, progress).preflight(job, progress)
        case "remove-orphan":
            job = read_job(work, RemoveOrphanJob, text)
            return publication_checks_of(job.target, progress).remove_orphan(job, progress)
        case "check-published":
            job = read_job(work, CheckPublishedJob, text)
            return publication_checks_of(job.target, progress).check_published(job, progress)
        case "publish" | "unpublish":
            return _on_this_machine(work, read_job(work, PublishJob, text), progress)
        case "export" | "supply" | "submit-listings" | "withdraw-listings":
            return _of_oracle(work, text, caller)
        case _:
            return _of_gallery(work, read_job(work, GalleryJob, text), progress)


def _on_this_machine(work: str, job: PublishJob, progress: Progress) -> Fact | None:
    # The contract's models are for those who need them.
    from bakery.local.publish import publish, unpublish
    from images.local_publication import ANSWER_VARIABLE

    if work == "publish":
        return publish(job, progress)
    return unpublish(job, os.environ.get(ANSWER_VARIABLE, ""), progress)


def _of_gallery(work: str, job: GalleryJob, progress: Progress) -> Fact | None:
    # Azure's packages are for those who need them.
    from bakery.azure.gallery_access import close_gallery, open_gallery

    return open_gallery(job, progress) if work == "open-gallery" else close_gallery(job, progress)


def _of_oracle(work: str, text: str, caller: Caller) -> Fact | None:
    # Oracle's package is for those who need it.
    from bakery.oci import run

    return run.run(work, lambda model: read_job(work, model, text), caller)


if __name__ == "__main__":
    sys.exit(main())
