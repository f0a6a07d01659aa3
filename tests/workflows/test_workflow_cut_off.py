"""A step that is cancelled or out of time: Pulumi is interrupted, once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import job

pytestmark = pytest.mark.unit

_PATIENCE = 30
#: Notes each signal; ends a moment after the first, as Pulumi does when it has cleaned up.
_PULUMI = f"""#!{sys.executable}
import os, pathlib, signal, sys, time
calls = pathlib.Path(os.environ["FAKE"]) / "calls"
# Each signal is a byte here; two that come at once are one call of a handler.
reader, writer = os.pipe()
os.set_blocking(writer, False)
os.set_blocking(reader, False)
signal.set_wakeup_fd(writer)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: None)
with calls.open("a") as file:
    file.write("pulumi " + " ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "up":
    print("Updating (prod):", flush=True)
    end = time.monotonic() + {_PATIENCE}
    found = b""
    while not found and time.monotonic() < end:
        time.sleep(0.02)
        try:
            found = os.read(reader, 100)
            time.sleep(0.2)
            found += os.read(reader, 100)
        except BlockingIOError:
            pass
    with calls.open("a") as file:
        for number in found:
            file.write(signal.Signals(number).name + "\\n")
    print("cleaned up", flush=True)
    sys.exit(255)
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    found = Runner(tmp_path / "runner")
    found.program("pulumi", _PULUMI)
    return found


def up(runner: Runner) -> "subprocess.Popen[str]":
    """The step of prod, as the runner starts it."""
    one = job("prod", "up")
    (step,) = (step for step in one.steps if step.body.get("id") == "up")
    return subprocess.Popen(
        runner.command(step),
        **runner.place(step, one),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        # a shell that runs tests beside others may have taught its children to ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def await_pulumi(runner: Runner) -> None:
    limit = time.monotonic() + _PATIENCE
    log = runner.folder / "temp" / "up.log"
    while not (log.exists() and log.read_text()):
        assert time.monotonic() < limit
        time.sleep(0.02)


def signals(runner: Runner) -> list[str]:
    return [call for call in runner.calls if call.startswith("SIG")]


def test_cancelling_the_job_interrupts_pulumi_once(runner: Runner) -> None:
    """GitHub signals the step's first process alone; a second interrupt would end Pulumi at once
    (`cancellationScope`, pulumi/pulumi)."""
    step = up(runner)
    await_pulumi(runner)
    os.kill(step.pid, signal.SIGINT)
    assert step.wait(_PATIENCE) == 255
    assert signals(runner) == ["SIGINT"]
    log = runner.folder / "temp" / "up.log"
    assert log.read_text() == "Updating (prod):\ncleaned up\n", (
        "what writes the log is not interrupted"
    )


def test_the_time_limit_interrupts_pulumi_once(runner: Runner) -> None:
    script = runner.checkout / "tools" / "workflow" / "up"
    script.write_text(script.read_text().replace("300m", "1"))
    step = up(runner)
    assert step.wait(_PATIENCE) == 124, "timeout's own word for it"
    assert signals(runner) == ["SIGINT"]
