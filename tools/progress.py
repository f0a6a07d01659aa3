"""What a person sees while set-up works: one line for every phase and every wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console

_HEARTBEAT_SECONDS = 15


class Progress:
    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._start = time.monotonic()
        self.lines = 0

    def say(self, subject: str, text: str) -> None:
        self.lines += 1
        elapsed = time.monotonic() - self._start
        self._console.print(
            f"[dim]{elapsed:6.1f} s[/]  [bold]{subject:<10}[/] ", end="", soft_wrap=True
        )
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def working(self, subject: str, doing: str) -> Generator[None]:
        """Announces long work, repeats now and then that it goes on, and says how long it took."""
        self.say(subject, doing)
        began = time.monotonic()
        done = threading.Event()

        def beat() -> None:
            while not done.wait(_HEARTBEAT_SECONDS):
                self.say(subject, f"still at it after {time.monotonic() - began:.0f} s: {doing}")

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        self.say(subject, f"done in {time.monotonic() - began:.0f} s")
