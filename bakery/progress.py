"""A few short lines on standard error, which Pulumi shows beside the resource.

The command provider hangs for ever on a line of 64 KiB, so lines are cut far below.
"""

import sys
import time

_LONGEST = 400


class Progress:
    """Says what is being done and how long the work has taken since `started`."""

    def __init__(self, started: float | None = None) -> None:
        self.started = time.time() if started is None else started

    def say(self, text: str) -> None:
        """One line with the time elapsed since the start."""
        minutes, seconds = divmod(int(time.time() - self.started), 60)
        line = " ".join(text.split())[:_LONGEST]
        try:
            print(f"[{minutes:02}:{seconds:02}] {line}", file=sys.stderr, flush=True)
        except OSError:
            # Nobody reads any more: the work is about to be interrupted, not to fail here.
            return
