"""Who asked for the work: what it is told, what is locked for it, and whether it still waits."""

import os
import signal
from types import FrameType

from bakery.progress import Progress


class Caller:
    """The process that asked for the work: Pulumi's command provider.

    Two interrupts end Pulumi and its providers at once, and their children are not told.
    `progress` is told on its behalf. `lock` is the file descriptor of the lock that the work holds,
    for its own processes to inherit; None while it holds none.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.lock: int | None = None
        self._pid = os.getppid()
        self._asked = False
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True

    def gone(self) -> bool:
        """Whether to stop: a signal asked for it, or the parent has ended."""
        return self._asked or os.getppid() != self._pid
