"""Cancel, kill, failure: nothing is left behind, and the next `up` works."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.engine.local_stack import LocalStack

pytestmark = pytest.mark.engine


@pytest.fixture
def stack(tmp_path: Path) -> LocalStack:
    return LocalStack.open(tmp_path)


def start(stack: LocalStack, tmp_path: Path) -> "subprocess.Popen[bytes]":
    """`pulumi up` up to the point where Packer's machine runs."""
    stack.host.behave({"do": "hang"})
    process = stack.pulumi.start("up", *stack.pulumi.changing(), log=tmp_path / "up.log")
    stack.host.await_event("hanging")
    return process


def find(stack: LocalStack, module: str) -> int:
    """The process of one of the bakery's modules that works for this stack."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if module.encode() in command and str(stack.host.home).encode() in environment:
            return int(folder.name)
    raise AssertionError(f"no process of {module}")


def next_run_completes(stack: LocalStack) -> None:
    stack.host.behave()
    stack.up()
    assert stack.published() == ["dstack-0.14.qcow2"]


@pytest.mark.parametrize("times", [1, 2])
def test_interrupt(stack: LocalStack, tmp_path: Path, times: int) -> None:
    process = start(stack, tmp_path)
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(1)
    process.wait(60)
    stack.host.await_nothing_left()
    assert stack.host.journal("interrupted"), "Packer was asked and cleaned up by itself"
    if times == 2:
        # Two interrupts end Pulumi at once: its lock may stay.
        stack.pulumi.run("cancel", "--stack", "local", "--yes", check=False)
    next_run_completes(stack)


def test_kill_pulumi(stack: LocalStack, tmp_path: Path) -> None:
    process = start(stack, tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(60)
    stack.host.await_nothing_left()
    assert stack.host.journal("interrupted")
    stack.pulumi.run("cancel", "--stack", "local", "--yes")
    next_run_completes(stack)


def test_killed_bakery_fails_the_up(stack: LocalStack, tmp_path: Path) -> None:
    process = start(stack, tmp_path)
    os.kill(find(stack, "bakery"), signal.SIGKILL)
    assert process.wait(60) != 0
    stack.host.await_nothing_left()
    next_run_completes(stack)


def test_failure_shows_its_last_lines_and_publishes_nothing(stack: LocalStack) -> None:
    stack.host.behave({"do": "fail", "say": "docker: error: DOCKER_VERSION 99 is not available"})
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert "DOCKER_VERSION 99 is not available" in failed.output
    assert "The whole log: " in failed.output
    log = failed.output.split("The whole log: ")[1].split()[0]
    assert "DOCKER_VERSION 99" in Path(log).read_text()
    assert f'File "{stack.project}' not in failed.output
    assert stack.bakes() == 1, "this does not pass by itself"
    assert not stack.published()
    stack.host.await_nothing_left()

    stack.host.behave({"do": "ok", "failed": ["docker"]})
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert "docker: about docker" in failed.output
    assert not stack.published()
    next_run_completes(stack)
    assert stack.bakes() == 2, "the content was good; only its verification ran again"


def test_two_stacks_at_once_bake_once(stack: LocalStack, tmp_path: Path) -> None:
    other = LocalStack.open(tmp_path, "elsewhere", stack.host)
    one = stack.pulumi.start("up", *stack.pulumi.changing(), log=tmp_path / "one.log")
    two = other.pulumi.start("up", *other.pulumi.changing(), log=tmp_path / "two.log")
    assert (one.wait(120), two.wait(120)) == (0, 0), (tmp_path / "two.log").read_text()
    assert stack.bakes() == 1
    assert stack.published() == other.published() == ["dstack-0.14.qcow2"]


def test_name_of_a_file_that_is_not_ours_is_refused(stack: LocalStack) -> None:
    (stack.project / "dist").mkdir()
    (stack.project / "dist" / "dstack-0.14.qcow2").write_bytes(b"precious")
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert "no stack has published it" in failed.output
    assert (stack.project / "dist" / "dstack-0.14.qcow2").read_bytes() == b"precious"


def test_content_that_is_gone_is_told_and_made_again_as_told(stack: LocalStack) -> None:
    stack.up()
    shutil.rmtree(stack.host.home / "store")
    assert "6 unchanged" in stack.up().output, "what is published is there all the same"
    stack.edit("packer/checks/docker.sh")
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert "is gone from the store" in failed.output
    assert "pulumi up --replace '**Command::*-bake'" in failed.output
    stack.pulumi.up("--replace", "**Command::*-bake")
    assert (stack.host.builds(), stack.host.builds("verify")) == (2, 2)
