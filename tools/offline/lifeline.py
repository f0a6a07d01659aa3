"""End this process when the one that started it is gone."""

import os
import threading
import time
from collections.abc import Callable

POLL_SECONDS = 0.5


def follow_parent(parent_is_gone: Callable[[], None]) -> None:
    """Call `parent_is_gone` once, from a thread, when the parent process has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        parent_is_gone()

    threading.Thread(target=watch, daemon=True, name="lifeline").start()
