"""One bake of one digest at a time on this machine."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bakery.caller import Caller
from images.errors import BakeryError, Interrupted

_POLL = 0.2


class Busy(Exception):
    """Another process holds the lock."""


@contextmanager
def wait_lock(file: Path) -> Generator[None]:
    """Holds the lock, however long another process does: for work of seconds."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield


@contextmanager
def try_lock(file: Path) -> Generator[int]:
    """Holds the lock or raises Busy at once.

    Yields the file descriptor. A child that inherits it keeps the lock, so that a successor
    starts only when the last process of a killed run has finished cleaning up.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def lock(file: Path, what: str, limit: float, caller: Caller) -> Generator[None]:
    """Holds the lock for the caller; waits up to `limit` seconds for another run that holds it.

    Raises BakeryError when the other run does not end in time, Interrupted when cancelled.
    """
    end = time.monotonic() + limit
    told = False
    with ExitStack() as held:
        while True:
            with suppress(Busy):
                caller.lock = held.enter_context(try_lock(file))
                break
            if not told:
                caller.progress.say(f"another run is busy with {what}: waiting for it")
                told = True
            if caller.gone():
                raise Interrupted("cancelled while waiting for another run")
            if time.monotonic() > end:
                raise BakeryError(
                    f"another run has been busy with {what} for more than {limit:.0f} s; "
                    "wait for it or end it, then run again"
                )
            time.sleep(_POLL)
        try:
            yield
        finally:
            caller.lock = None
