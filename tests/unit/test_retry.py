"""Which failures are tried again, how often, with which pauses and limits."""

import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from bakery.adapter import BuildInputs, RunFolders
from bakery.adapters import adapter_of
from bakery.caller import Caller
from bakery.packer import build as subject
from bakery.packer.program import Packer
from bakery.packer.runner import PackerFailed
from bakery.packer.supervisor import Run
from bakery.packer.template import Template
from bakery.packer.transient import transient_sign
from bakery.progress import Progress
from images.errors import BakeryError, Interrupted
from tests.unit.unit_samples import verify_job

pytestmark = pytest.mark.unit

LOCKED = "E: Could not get lock /var/lib/dpkg/lock"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def caller() -> Caller:
    found = Caller(Progress())
    found.note_signals()
    return found


def build(tmp_path: Path, caller: Caller, limit: int = 600) -> int:
    job = verify_job(tmp_path, time_limit=limit)
    adapter = adapter_of(job.target, job.stack, Progress())
    packer, template = Packer("packer", "1.6.6", {}), Template(Path("template"), [])
    folders, log = RunFolders(tmp_path, tmp_path, tmp_path), tmp_path / "log"
    return subject.Build("verify", job, adapter, packer, template, {}, folders, log).run(
        BuildInputs({}, [], source="none"), caller
    )


class Attempts:
    """Stands in for runs of Packer; `tails` are what each failure says last."""

    def __init__(
        self, clock: Clock, *tails: str | None, takes: float = 1, lost: str | None = None
    ) -> None:
        self.clock, self.tails, self.takes, self.lost = clock, list(tails), takes, lost
        self.began: list[float] = []
        self.limits: list[float] = []

    def __call__(self, run: Run, caller: Caller) -> None:
        self.began.append(self.clock.now)
        self.limits.append(run.limit)
        self.clock.pass_by(self.takes)
        if tail := self.tails.pop(0):
            console = "The last that the machine's console said: hm" if self.lost else None
            raise PackerFailed(1, tail, run.log, self.lost, console)


def test_good_end_after_two_failures(
    tmp_path: Path, caller: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = Attempts(clock, LOCKED, LOCKED, None)
    monkeypatch.setattr(subject, "run_supervised", attempts)
    assert build(tmp_path, caller) == 3
    first, second = (later - sooner for sooner, later in pairwise(attempts.began))
    assert 5 <= first < second, "each pause is longer"


def test_what_a_failure_left_is_out_of_the_way_of_the_next(
    tmp_path: Path, caller: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packer refuses to make anew what the attempt before has made."""
    order: list[str] = []
    attempts = Attempts(clock, LOCKED, None)

    def run(*args: object) -> None:
        order.append("attempt")
        attempts(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(subject, "run_supervised", run)
    monkeypatch.setattr(subject, "sweep_quietly", lambda name, *_: order.append(f"sweep {name}"))
    build(tmp_path, caller)
    assert order == ["attempt", "sweep dstack-bake-cpu-1-verify", "attempt"]


def test_third_failure_is_the_last(
    tmp_path: Path, caller: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = Attempts(clock, *[LOCKED] * 9)
    monkeypatch.setattr(subject, "run_supervised", attempts)
    with pytest.raises(BakeryError, match="Could not get lock"):
        build(tmp_path, caller)
    assert len(attempts.began) == 3


def test_lost_machine_is_tried_again_as_often_and_its_last_words_are_told(
    tmp_path: Path,
    caller: Caller,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = "the machine did not come back after its restart"
    attempts = Attempts(clock, *["Script disconnected"] * 9, lost=lost)
    monkeypatch.setattr(subject, "run_supervised", attempts)
    with pytest.raises(BakeryError, match=f"was given up: {lost}(?s:.)*console said: hm"):
        build(tmp_path, caller)
    assert len(attempts.began) == 3
    assert capsys.readouterr().err.count("console said: hm") == 2


def test_attempts_share_one_time_limit(
    tmp_path: Path, caller: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi's own limit for the command is not much longer."""
    attempts = Attempts(clock, LOCKED, None, takes=400)
    monkeypatch.setattr(subject, "run_supervised", attempts)
    build(tmp_path, caller, limit=600)
    assert attempts.limits[0] == 600
    assert attempts.limits[1] < 200


def test_cancelled_in_a_pause(
    tmp_path: Path, caller: Caller, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = Attempts(clock, LOCKED, None)

    def cancelled(run: Run, caller: Caller) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        attempts(run, caller)

    monkeypatch.setattr(subject, "run_supervised", cancelled)
    with pytest.raises(Interrupted):
        build(tmp_path, caller)
    assert len(attempts.began) == 1


@pytest.mark.parametrize(
    "text",
    [
        LOCKED,
        "An error occurred (RequestLimitExceeded) when calling RunInstances",
        "Error 429: rate limit exceeded",
        "E: Failed to fetch http://mirror/x  Hash Sum mismatch",
        "Temporary failure resolving 'deb.debian.org'",
        "503  Service Unavailable [IP: 1.2.3.4 80]",
        "net/http: TLS handshake timeout",
        "read: connection reset by peer",
        "Error uploading script: Timeout during SSH handshake",
    ],
)
def test_passes_by_itself(text: str) -> None:
    sign = transient_sign(f"==> machine: something\n{text}\nBuild errored")
    assert sign is not None
    assert sign in text


@pytest.mark.parametrize(
    "text",
    [
        "E: Unable to locate package docker-ce",
        "checksum of driver.run is wrong",
        "Build 'bake.qemu.machine' errored: Script exited with non-zero exit status: 1",
        "UnauthorizedOperation: You are not authorized to perform this operation",
        "No space left on device",
    ],
)
def test_does_not_pass(text: str) -> None:
    assert transient_sign(text) is None
