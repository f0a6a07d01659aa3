"""Who asked for the work: what it is told, what is locked for it, and whether it still waits."""

import os
import signal
import threading
import time
from types import FrameType

from bakery.progress import Progress
from bakery.whole import SIGNALS, whole

_POLL = 0.5


class Caller:
    """The process that asked for the work: Pulumi's command provider, or its program.

    Two interrupts end Pulumi and its providers at once, and their children are not told. A work
    that has a Packer to stop asks for it (`note_signals`, `gone`); any other ends where it stands
    (`end_with_it`). `progress` is told on the caller's behalf. `lock` is the file descriptor of the
    lock that the work holds, for its own processes to inherit; None while it holds none.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.lock: int | None = None
        self._pid = os.getppid()
        self._asked = False

    def note_signals(self) -> None:
        """Has `gone` tell of signals too."""
        for name in SIGNALS:
            signal.signal(name, self._ask)

    def end_with_it(self) -> None:
        """From now on a signal, and the end of the caller, are a KeyboardInterrupt.

        For works that can be done again from their beginning, whatever half of them is done.
        """
        for name in SIGNALS:
            signal.signal(name, _end)
        with whole():
            # It gets no signal itself, now or later: they are for the thread that does the work.
            threading.Thread(target=self._follow, daemon=True).start()

    def gone(self) -> bool:
        """Whether to stop: a signal asked for it, or the parent has ended."""
        return self._asked or os.getppid() != self._pid

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True

    def _follow(self) -> None:
        while not self.gone():
            time.sleep(_POLL)
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGTERM)


def _end(_signal: int, _frame: FrameType | None) -> None:
    for name in SIGNALS:
        # A second one ends the process as it would any.
        signal.signal(name, signal.SIG_DFL)
    # Not an Exception: libraries of clouds take those for failures that pass.
    raise KeyboardInterrupt
