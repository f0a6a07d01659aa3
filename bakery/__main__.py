"""`python -m bakery bake|verify|publish|unpublish`: what Pulumi's command runs.

The job comes on standard input, the record leaves on standard output, progress goes to standard
error. A failure is told in a few lines there, and the exit status is 1.
"""

import argparse
import os
import sys
from typing import TypeVar

from pydantic import ValidationError

from bakery.bake import bake
from bakery.errors import BakeryError
from bakery.local.adapter import Local
from bakery.local.publish import publish, unpublish
from bakery.parent import Parent
from bakery.progress import Progress
from bakery.scrub import scrub
from bakery.verify import verify
from images.errors import Mistake
from images.job import BakeJob, PublishJob, VerifyJob
from images.record import Fact

_Job = TypeVar("_Job", bound=Fact)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bakery", description=__doc__)
    parser.add_argument("work", choices=("bake", "verify", "publish", "unpublish"))
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
            return bake(_job(BakeJob, text), Local(), parent, progress)
        case "verify":
            return verify(_job(VerifyJob, text), Local(), parent, progress)
        case "publish":
            return publish(_job(PublishJob, text), progress)
        case _:
            return unpublish(_job(PublishJob, text), progress)


def _job(model: type[_Job], text: str) -> _Job:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise BakeryError(f"the job on standard input cannot be used: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
