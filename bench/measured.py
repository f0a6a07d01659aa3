"""What a command of Pulumi's took: seconds on the clock and of processors, and memory."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.engine.literal_pulumi import Finished, Pulumi, PulumiError, all_unchanged


@dataclass(frozen=True)
class Measured:
    """Medians of several runs.

    `processors` are seconds of all processes that were waited for, which a busy machine hardly
    changes; `memory` is the resident bytes of the largest of them.
    """

    seconds: float
    processors: float
    memory: int


def measure(pulumi: Pulumi, what: str, times: int) -> Measured:
    """An `up` or a `preview` that has nothing to do. Raises RuntimeError where it has."""
    runs = [_once(pulumi, what) for _ in range(times)]

    def middle(of: Callable[[Measured], float]) -> float:
        return median(map(of, runs))

    return Measured(
        middle(lambda run: run.seconds),
        middle(lambda run: run.processors),
        int(middle(lambda run: run.memory)),
    )


def _once(pulumi: Pulumi, what: str) -> Measured:
    words = pulumi.changing() if what == "up" else ("--stack", pulumi.stack)
    log = Path(pulumi.home) / f"bench-{what}.log"
    began = time.monotonic()
    process = pulumi.start(what, *words, log=log)
    # Not Popen's own: this tells what it used as well, with all that it waited for.
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text(encoding="utf-8")
    if process.returncode != 0:
        raise PulumiError(f"pulumi {what} ended with {process.returncode}\n{output}")
    if what == "up" and not all_unchanged(Finished((what,), 0, output, "")):
        raise RuntimeError(f"there was something to do:\n{output}")
    return Measured(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
