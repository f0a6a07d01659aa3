"""No simulated provider outlives the engine that started it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clouds.declared_stack import PARAMETER, DeclaredStack
from tests.simulators.pulumi.run_simulator import STORE
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine

PATIENCE_SECONDS = 30


def providers(clouds: SimulatedClouds) -> list[int]:
    """The processes of this test's simulated providers."""
    mark = f"{STORE}={clouds.folder}".encode()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if b"run_simulator.py" in command and mark in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            # It has just ended, or is somebody else's.
            continue
    return found


def until(what: Callable[[], bool], described: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, f"waited too long: {described}"
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda one: one.name)
def test_nothing_is_left_of_a_run_that_was_ended(
    stack: DeclaredStack, clouds: SimulatedClouds, tmp_path: Path, number: signal.Signals
) -> None:
    stack.declare_parameter("slow")
    clouds.delay("create", PARAMETER, seconds=600)
    pulumi, log = stack.pulumi, tmp_path / "log"
    with pulumi.start("up", *pulumi.changing(), log=log) as run:
        try:
            until(lambda: bool(clouds.calls("create", PARAMETER)), "the provider is at work")
            assert providers(clouds)
            os.kill(run.pid, number)
            run.wait(PATIENCE_SECONDS)
        finally:
            run.kill()
    until(lambda: not providers(clouds), "the provider has ended")
    assert clouds.resources() == []
    if number == signal.SIGINT:
        assert "context canceled" in log.read_text()
