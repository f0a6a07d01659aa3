"""Who drives a run, so that what a dead run left in a cloud can be told from a living one's."""

import os
import re
import secrets
import time
from collections.abc import Mapping

from bakery.files import write_atomic
from bakery.lock import wait_lock
from images.errors import BakeryError
from images.host import home
from images.job import Job, VerifyJob
from images.tags import BAKE, EXPIRES, RUN_OWNER, STACK

#: Seconds beyond a run's limit in which it may still be cleaning up.
_AFTER = 1800
#: Names the owner where homes do not last, as on the machines of hosted workflows.
VARIABLE = "DSTACK_IMAGES_RUN_OWNER"
#: What every cloud takes as the value of a tag: Compute Engine's labels are the narrowest.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def run_owner() -> str:
    """The name of this machine's home, whose locks decide which of its own runs are alive.

    DSTACK_IMAGES_RUN_OWNER gives another name: then whoever gives it sees to it that one run at a
    time has it, since what an earlier run of that name has left is removed at once.

    Raises BakeryError for a name that a cloud would not take as a tag.
    """
    if given := os.environ.get(VARIABLE):
        if not _NAME.fullmatch(given):
            raise BakeryError(
                f"{VARIABLE}={given!r} cannot be a tag in every cloud; allowed: up to 63 of "
                "lower-case letters, digits, - and _, a letter or digit first"
            )
        return given
    file = home() / "run-owner"
    if not file.exists():
        # Two bakes that are the first ones of a home must not have two names.
        with wait_lock(home() / "locks" / "run-owner.lock"):
            if not file.exists():
                write_atomic(file, secrets.token_hex(8))
    return file.read_text(encoding="utf-8")


def run_name(job: Job) -> str:
    """Return the name of the run and of all that Packer makes in it; its lock goes by it too."""
    return f"{job.bake}-verify" if isinstance(job, VerifyJob) else job.bake


def run_tags(job: Job) -> dict[str, str]:
    """Tags on all that exists only during a run."""
    name = run_name(job)
    return {
        "Name": name,
        STACK: job.stack,
        BAKE: name,
        RUN_OWNER: run_owner(),
        EXPIRES: str(int(time.time() + job.time_limit + _AFTER)),
    }


def is_dead(tags: Mapping[str, str], bake: str, stack: str) -> bool:
    """Whether nobody can be working with it any more; the lock of `bake` is held.

    What other stacks left of other bakes is theirs to remove: this one may not be allowed to.
    """
    ours = tags.get(BAKE) == bake
    if ours and tags.get(RUN_OWNER) == run_owner():
        return True
    expires = tags.get(EXPIRES, "")
    over = expires.isdigit() and int(expires) < time.time()
    return over and (ours or tags.get(STACK) == stack)


def busy(bake: str, what: str, tags: Mapping[str, str]) -> BakeryError:
    """Says who is at work on a bake, with what; the tags are those of that thing."""
    return BakeryError(
        f"another machine ({tags.get(RUN_OWNER, 'unknown')}) is at work on {bake} with {what}; "
        "wait for it and run again: its result will be found. What it leaves if it has died is "
        f"removed by a run after its time, {tags.get(EXPIRES, '?')} seconds since 1970"
    )
