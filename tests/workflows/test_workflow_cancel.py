"""A cancelled job: how the runner ends its step, and what the steps after it find.

The runner sends SIGINT, after 7.5 seconds SIGTERM and after 10 SIGKILL, on Linux to the step's
first process alone (`ProcessInvoker`, actions/runner). Pulumi gets two of these and ends, but what
cleans up after Packer is in a session of its own, with minutes of time, and holds the lock of its
bake. So the steps that follow have the real `python -m ops`, and a cloud that is simulated.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from images.labels import label
from images.naming import bake_name
from images.tags import BAKE, EXPIRES, RUN_OWNER, STACK
from tests.fakes.stack_files import write_stack
from tests.simulators.gcp.project import GcpProject
from tests.unit.test_gcp_bakery import insert, soon
from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import job

pytestmark = pytest.mark.unit

RUN = bake_name("cpu", "1" * 64)
OWNER = "github-prod"
#: Seconds, a tenth of the runner's.
_TERMINATES, _KILLS = 0.75, 0.25
_PATIENCE = 60
#: Waits for what it has started after one interrupt, and for nothing after a second signal.
_PULUMI = f"""#!{sys.executable}
import os, signal, subprocess, sys
with open(os.environ["FAKE"] + "/calls", "a") as calls:
    calls.write("pulumi " + " ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "up":
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    supervisor = subprocess.Popen(
        [os.environ["FAKE"] + "/bin/supervisor"], stdin=subprocess.PIPE, start_new_session=True
    )
    supervisor.wait()
"""
#: Holds the lock of its bake until Packer has cleaned up, seconds after its lifeline is closed.
_SUPERVISOR = f"""#!{sys.executable}
import fcntl, os, pathlib, sys, time
file = pathlib.Path(os.environ["DSTACK_IMAGES_HOME"]) / "locks" / "{RUN}.lock"
file.parent.mkdir(parents=True)
with file.open("ab") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    print("Updating (prod):", flush=True)
    sys.stdin.read()
    time.sleep(8)
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    found = Runner(tmp_path / "runner")
    found.program("pulumi", _PULUMI)
    found.program("supervisor", _SUPERVISOR)
    found.program("python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (found.folder / "github-env").write_text(f"DSTACK_IMAGES_RUN_OWNER={OWNER}\n")
    return found


def cancel(step: "subprocess.Popen[str]") -> None:
    os.kill(step.pid, signal.SIGINT)
    for pause, number in ((_TERMINATES, signal.SIGTERM), (_KILLS, signal.SIGKILL)):
        time.sleep(pause)
        if step.poll() is None:
            os.kill(step.pid, number)
    step.wait(_PATIENCE)


def test_machines_are_removed_once_packer_is_through(runner: Runner) -> None:
    one = job("prod", "up")
    (up,) = (step for step in one.steps if step.body.get("id") == "up")
    log = runner.folder / "temp" / "up.log"
    after = [step for step in one.steps if "always()" in step.body.get("if", "") and step.run]
    with GcpProject() as cloud:
        write_stack(runner.checkout, "prod", {"gcp": {"endpoint": cloud.address}})
        tags = {BAKE: RUN, STACK: "prod", RUN_OWNER: OWNER, EXPIRES: soon()}
        labels = {label(key): value for key, value in tags.items()}
        insert(cloud, "instances", "dstk-left", labels=labels)
        step = subprocess.Popen(
            runner.command(up),
            **runner.place(up, one),
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        end = time.monotonic() + _PATIENCE
        while not (log.exists() and log.read_text()):
            assert time.monotonic() < end
            time.sleep(0.02)
        cancel(step)
        done = [runner.step(found, one) for found in after]
        assert [each.returncode for each in done] == [0, 0], done[-1].stdout + done[-1].stderr
        assert cloud.api.instances == {}
    assert runner.calls[1:] == ["pulumi cancel --stack prod --yes --non-interactive"]
