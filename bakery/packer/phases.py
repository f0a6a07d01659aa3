"""Turns Packer's log into the few lines a person wants to see."""

import re
import time
from typing import Literal

from bakery.progress import Progress

_QUIET_SECONDS = 30.0
_LONGEST = 1000

# Packer's own words, from its communicator, its shell provisioner and its builders.
_PHASES = (
    (re.compile(r"Retrieving ISO|Copying hard drive|Resizing hard drive"), "source disk"),
    (
        re.compile(
            r"Starting VM|Launching a source AWS instance|Deploying deployment template"
            r"|Creating instance\.\.\."
        ),
        "boot: starting the machine",
    ),
    (re.compile(r"Waiting for SSH to become available"), "boot: waiting for SSH"),
    (re.compile(r"Connected to SSH!"), "boot: connected"),
    # The steps' own words. After a restart, Packer names the next step before it is connected.
    (re.compile(r"\breboot: restarts: (.+)$"), "restart: {0}"),
    (re.compile(r"\breboot: no restart is needed"), "restart: none is needed"),
    (re.compile(r"Provisioning with shell script: .*?([\w-]+)\.sh\s*$"), "step {0}"),
    (re.compile(r"\bcheck ([\w-]+): (ok|FAILED)"), "check {0}: {1}"),
    (
        re.compile(
            r"Gracefully halting|Stopping the source instance|Powering off machine"
            r"|Deleting instance\.\.\."
        ),
        "capture: shutting down",
    ),
    (
        re.compile(r"Converting hard drive|Creating AMI|Capturing image|Creating image\.\.\."),
        "capture: writing the image",
    ),
    (re.compile(r"Snapshotting OS disk"), "capture: writing the snapshot"),
)


Wait = Literal["boot", "restart"]

#: What begins and ends a wait for the machine.
_WAITS: tuple[tuple[re.Pattern[str], Wait | None], ...] = (
    (re.compile(r"Waiting for SSH to become available"), "boot"),
    (re.compile(r"\breboot: restarts: "), "restart"),
    (re.compile(r"Connected to SSH!|\brebooted: "), None),
)


class Phases:
    """Follows the log; says each phase once, and now and then that it still goes on.

    `waiting`: for what nobody but the machine can do, and since when (seconds of the epoch).
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.waiting: tuple[Wait, float] | None = None
        self._phase = "starting Packer"
        self._since = self._said = time.monotonic()
        progress.say(self._phase)

    def read(self, line: str) -> None:
        """Takes one line of Packer's output. What it says of a phase is at its beginning."""
        line = line[:_LONGEST]
        for pattern, wait in _WAITS:
            if pattern.search(line):
                self.waiting = wait and (wait, time.time())
        for pattern, words in _PHASES:
            if found := pattern.search(line):
                phase = words.format(*found.groups())
                if phase != self._phase:
                    self._phase = phase
                    self._since = self._said = time.monotonic()
                    self._progress.say(phase)
                return

    def tick(self) -> None:
        """Called often; speaks when nothing has been said for a while."""
        now = time.monotonic()
        if now - self._said >= _QUIET_SECONDS:
            self._said = now
            self._progress.say(f"{self._phase}: still at it after {now - self._since:.0f} s")
