"""A workflow's step that runs the real Pulumi, cut off as GitHub does it; then its clean-up."""

import fnmatch
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.engine.literal_pulumi import CHECKOUT
from tests.engine.local_stack import LocalStack

pytestmark = pytest.mark.engine

_PATIENCE = 60


@pytest.fixture
def stack(tmp_path: Path) -> LocalStack:
    return LocalStack.open(tmp_path)


def cut_off(stack: LocalStack, log: Path) -> "subprocess.Popen[str]":
    """The step, up to the point where Packer's machine runs."""
    stack.host.behave({"do": "hang"})
    step = subprocess.Popen(
        ["bash", "-eo", "pipefail", "-c", f"exec tools/workflow/up local {log}"],
        cwd=stack.project,
        env=stack.pulumi.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    stack.host.await_event("hanging")
    return step


def unlocked(stack: LocalStack, log: Path) -> str:
    """What the step says that comes always."""
    done = stack.pulumi.workflow("unlock", "local", str(log))
    assert done.returncode == 0, done.output
    return done.output


def next_run_completes(stack: LocalStack) -> None:
    stack.host.behave()
    stack.up()
    assert stack.published() == ["dstack-0.14.qcow2"]


def test_cancelled_pulumi_cleans_up_and_lifts_its_lock(stack: LocalStack, tmp_path: Path) -> None:
    log = tmp_path / "up.log"
    step = cut_off(stack, log)
    os.kill(step.pid, signal.SIGINT)
    assert step.wait(_PATIENCE) != 0
    stack.host.await_nothing_left()
    assert stack.host.journal("interrupted"), "Packer was asked and cleaned up by itself"
    assert "^C received; cancelling" in log.read_text()
    assert "received; terminating" not in log.read_text()
    assert "has taken its lock away" in unlocked(stack, log)
    next_run_completes(stack)


def written(stack: LocalStack) -> set[str]:
    """Of the state, without the notes that a folder needs beside files, and a bucket does not."""
    state = stack.pulumi.home / "state"
    files = (str(file.relative_to(state)) for file in state.rglob("*") if file.is_file())
    return {file for file in files if not file.endswith(".attrs")}


def test_killed_pulumis_lock_is_lifted_with_the_rights_that_the_page_lists(
    stack: LocalStack, tmp_path: Path
) -> None:
    log = tmp_path / "up.log"
    step = cut_off(stack, log)
    os.killpg(step.pid, signal.SIGKILL)
    step.wait(_PATIENCE)
    stack.host.await_nothing_left()
    found = written(stack)
    assert "has been canceled" in unlocked(stack, log)
    next_run_completes(stack)
    found |= written(stack)
    page = (CHECKOUT / "docs" / "releases.md").read_text(encoding="utf-8")
    of_run = [line.replace("stgn-", "local") for line in re.findall(r"^\.pulumi/\S+$", page, re.M)]
    for pattern in of_run:
        assert fnmatch.filter(found, pattern), f"nothing is written to {pattern}"
        found -= set(fnmatch.filter(found, pattern))
    assert found == {".pulumi/meta.yaml"}, "which is there before"


def test_a_lock_that_kept_it_from_starting_stays(stack: LocalStack, tmp_path: Path) -> None:
    other, log = tmp_path / "other.log", tmp_path / "up.log"
    living = cut_off(stack, other)
    try:
        assert stack.pulumi.workflow("up", "local", str(log)).returncode != 0
        assert "another run holds the lock of local" in unlocked(stack, log)
    finally:
        os.kill(living.pid, signal.SIGINT)
        living.wait(_PATIENCE)
    assert "received; terminating" not in other.read_text()
