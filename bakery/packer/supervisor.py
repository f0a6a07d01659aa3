"""Runs Packer so that nothing of it outlives the one who asked.

Pulumi ends a command with SIGKILL, which reaches the direct child only and which nobody can
catch. So Packer runs under this process, in another session: the bakery holds the writing end of
its standard input, and when that closes (cancelled, killed, crashed), Packer's whole process group
is interrupted once, is given time to clean up, and what it worked in is removed. The log is left
without secrets, since the bakery may be gone before it could see to that.

Standard input: one line, a Run as JSON; afterwards the lifeline. Standard output: an Outcome.
Standard error is inherited: Pulumi waits until it is closed.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from typing import IO, Literal

from bakery.files import write_atomic
from bakery.packer import process_group
from bakery.packer.console import Console
from bakery.packer.phases import Phases, Wait
from bakery.progress import Progress
from bakery.scrub import scrub_file
from images.record import Fact

#: In the work folder: Packer's process group and the seconds it may take to clean up, so that
#: others can end it if this process is killed.
GROUP_FILE = "packer.group"
_POLL = 0.2
_AFTER_EXIT = 10.0


class Run(Fact):
    """One run of Packer."""

    argv: list[str]
    sidecars: list[list[str]]
    environment: dict[str, str]
    folder: Path
    log: Path
    limit: float
    grace: float
    work: list[Path]
    started: float
    console: Console | None = None


class Outcome(Fact):
    """How it ended. `status` is Packer's exit status; `waiting`: for what the machine had to do."""

    how: Literal["done", "failed", "interrupted", "timeout", "silent"]
    status: int
    waiting: Wait | None = None


def main() -> None:
    run = Run.model_validate_json(sys.stdin.buffer.readline())
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # Not SIG_IGN: Packer would inherit that and could not be interrupted.
        signal.signal(name, lambda _signal, _frame: None)
    try:
        outcome = supervise(run, lifeline=sys.stdin.fileno())
    except OSError as error:
        sys.exit(f"the supervisor of Packer: {error.filename or run.folder}: {error.strerror}")
    finally:
        # On a full disk the bakery tries again.
        with suppress(OSError):
            scrub_file(run.log)
    if outcome.how == "interrupted":
        for folder in run.work:
            shutil.rmtree(folder, ignore_errors=True)
    try:
        print(outcome.model_dump_json(), flush=True)
    except OSError:
        # The bakery is gone; that is why we were interrupted.
        os._exit(1)


def supervise(run: Run, lifeline: int) -> Outcome:
    """Runs Packer to its end, to the time limit, or until the lifeline closes.

    Raises OSError where something cannot be started or written; Packer is ended then too.
    """
    progress = Progress(run.started)
    with run.log.open("ab", buffering=0) as log:
        process = subprocess.Popen(
            run.argv,
            cwd=run.folder,
            env=run.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        assert process.stdout is not None
        phases = Phases(progress)
        try:
            reader = Thread(target=_follow, args=(process.stdout, log, phases), daemon=True)
            reader.start()
            known = f"{process_group.identifier(process.pid)} {run.grace}"
            write_atomic(run.work[0] / GROUP_FILE, known)
            _start_beside(process.pid, run, log)
            how = _wait(process, run, lifeline, phases)
        except BaseException:
            # Where its group was not noted, nobody else could end it.
            process_group.end(process.pid, run.grace)
            process.wait()
            raise
        if how != "done":
            progress.say(f"{how}: asking Packer to clean up (at most {run.grace:.0f} s)")
            process_group.end(process.pid, run.grace)
        elif process_group.exists(process.pid):
            # What ran beside it, or, if Packer itself was killed, what it had started.
            process_group.end(process.pid, _AFTER_EXIT)
        status = process.wait()
        reader.join(timeout=_AFTER_EXIT)
    waiting = phases.waiting and phases.waiting[0]
    if how == "done" and status != 0:
        return Outcome(how="failed", status=status, waiting=waiting)
    return Outcome(how=how, status=status, waiting=waiting)


def _start_beside(group: int, run: Run, log: IO[bytes]) -> None:
    """Starts the sidecars in Packer's group: whatever ends that ends these."""
    for command in run.sidecars:
        subprocess.Popen(
            command,
            cwd=run.folder,
            env=run.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=group,
        )


def _wait(
    process: subprocess.Popen[bytes], run: Run, lifeline: int, phases: Phases
) -> Literal["done", "interrupted", "timeout", "silent"]:
    end = time.monotonic() + run.limit
    with ExitStack() as opened:
        awaited = [lifeline]
        if sys.platform == "linux":
            ended = os.pidfd_open(process.pid)
            opened.callback(os.close, ended)
            awaited.append(ended)
        while process.poll() is None:
            ready = select.select(awaited, [], [], _POLL)[0]
            if lifeline in ready and not os.read(lifeline, 1):
                return "interrupted"
            if time.monotonic() > end:
                return "timeout"
            if run.console and phases.waiting and run.console.is_silent(phases.waiting[1]):
                return "silent"
            phases.tick()
    return "done"


def _follow(output: IO[bytes], log: IO[bytes], phases: Phases) -> None:
    for line in output:
        # A full disk must not stop the reading: Packer would wait for us for ever.
        with suppress(OSError):
            log.write(line)
        phases.read(line.decode(errors="replace"))


if __name__ == "__main__":
    main()
