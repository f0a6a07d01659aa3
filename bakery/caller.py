"""Notices that nobody waits for the result any more."""

import os
import signal
from types import FrameType


class Caller:
    """The process that asked for the work: Pulumi's command provider.

    Two interrupts end Pulumi and its providers at once, and their children are not told.
    """

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._asked = False
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True

    def gone(self) -> bool:
        """Whether to stop: a signal asked for it, or the parent has ended."""
        return self._asked or os.getppid() != self._pid
