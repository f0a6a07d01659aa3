"""What is done whole or not at all, although its process is told to end."""

import signal
from collections.abc import Generator
from contextlib import contextmanager

#: Those by which people, terminals and supervisors end a process.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def whole() -> Generator[None]:
    """Lets signals wait, in this thread and those that it starts: for a few calls in a row.

    Where half of them would leave behind what nobody finds any more.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
