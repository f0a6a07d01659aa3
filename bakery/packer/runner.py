"""One run of Packer under the supervisor, from the side of the one who asked."""

import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bakery.caller import Caller
from bakery.packer import process_group
from bakery.packer.program import PROJECT
from bakery.packer.supervisor import GROUP_FILE, Outcome, Run
from bakery.packer.transient import transient_sign
from bakery.scrub import scrub, scrub_file
from images.errors import BakeryError, Interrupted

#: Packer says so when it has written of its own end (panicOutput in its panic.go).
_CRASHED = "PACKER CRASH"
_POLL = 0.2
_TAIL_LINES = 15
_TAIL_BYTES = 1 << 18
_TAIL_WIDTH = 300


@dataclass(frozen=True)
class PackerFailed(Exception):
    """Packer ended with an error. `tail` is the scrubbed end of its log.

    `lost`: what became of a machine that nobody could reach any more, and `console`: what was
    last seen of it. `crash`: what Packer wrote of its own end.
    """

    status: int
    tail: str
    log: Path
    lost: str | None = None
    console: str | None = None
    crash: Path | None = None

    @property
    def passes(self) -> str | None:
        """Why trying again is worth while; None if it is not."""
        return self.lost or transient_sign(self.tail)

    @property
    def how(self) -> str:
        """The status in words."""
        if self.lost:
            return f"was given up: {self.lost}"
        if self.status < 0:
            return f"was killed by {signal.Signals(-self.status).name} (out of memory?)"
        return f"failed with status {self.status}"


def run_supervised(run: Run, caller: Caller) -> None:
    """Runs Packer to a good end, under the lock that the caller's work holds.

    Raises PackerFailed when it fails, Interrupted when it was cancelled, BakeryError on timeout
    or when the supervisor is killed.
    """
    begin = run.log.stat().st_size if run.log.exists() else 0
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "bakery.packer.supervisor"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        pass_fds=() if caller.lock is None else (caller.lock,),
    )
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    with suppress(BrokenPipeError):
        supervisor.stdin.write(run.model_dump_json().encode() + b"\n")
        supervisor.stdin.flush()
    while supervisor.returncode is None:
        with suppress(subprocess.TimeoutExpired):
            supervisor.wait(_POLL)
        if supervisor.returncode is None and caller.gone():
            supervisor.stdin.close()
            supervisor.wait()
            raise Interrupted("cancelled: Packer was stopped and its machine removed")
    answer = supervisor.stdout.read()
    if not answer:
        end_group(run.work[0])
        raise BakeryError(
            f"the supervisor of Packer ended with status {supervisor.returncode} before Packer "
            "did; Packer was stopped. Run again"
        )
    outcome = Outcome.model_validate_json(answer)
    words = run.console.last_words() if run.console and outcome.waiting else None
    if outcome.how == "timeout":
        seen = f"\n{words}" if words else ""
        raise BakeryError(
            f"Packer did not end within its time limit and was stopped; its log: "
            f"{run.log}. Raise dstack-images:timeLimitMinutes if the machine is just slow{seen}"
        )
    if outcome.how in ("failed", "silent"):
        lost = _lost(run, outcome)
        last = tail(run.log, begin)
        raise PackerFailed(outcome.status, last, run.log, lost, words, _kept_crash(run, begin))


def _kept_crash(run: Run, begin: int) -> Path | None:
    """Puts the file that a panic of Packer's leaves in its folder, the checkout, beside its log.

    Other runs have that folder too, and a file there may be of a cancelled one, or of a person's
    own Packer: it is this run's where Packer has said so. Of several that crash at one time there
    is but the last one's.
    """
    if _CRASHED not in _said(run.log, begin):
        return None
    kept = run.log.with_name(f"{run.log.stem}-crash.log")
    try:
        shutil.move(run.folder / "crash.log", kept)
    except FileNotFoundError:
        return None
    scrub_file(kept)
    return kept


def _lost(run: Run, outcome: Outcome) -> str | None:
    """What became of the machine, where that is why Packer failed."""
    if outcome.how == "silent" and run.console:
        return f"the machine's console said nothing for {run.console.patience:.0f} s"
    if outcome.waiting == "restart" and outcome.status > 0:
        return "the machine did not come back after its restart"
    return None


def end_group(work: Path) -> None:
    """Ends the Packer that a killed run left behind in its work folder, if there is one.

    It has as long to clean up as that run would have given it: minutes where its machine is in a
    cloud.
    """
    with suppress(OSError, ValueError):
        known, _, grace = (work / GROUP_FILE).read_text(encoding="utf-8").rpartition(" ")
        leader = process_group.find(known)
        if leader is not None:
            process_group.end(leader, float(grace))


def tail(log: Path, begin: int) -> str:
    """The last lines of a log from byte `begin` on, short and without secrets."""
    # Before it is cut into lines: a key spans many.
    lines = [line for line in scrub(_said(log, begin)).splitlines() if line.strip()]
    return "\n".join(f"  | {line[:_TAIL_WIDTH]}" for line in lines[-_TAIL_LINES:])


def _said(log: Path, begin: int) -> str:
    """What a log has from byte `begin` on; of much, its end."""
    with log.open("rb") as file:
        file.seek(max(begin, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
