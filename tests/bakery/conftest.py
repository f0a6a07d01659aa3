"""Fixtures of the tests that run the bakery as a process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from bakery_process import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine that is set up, with nothing baked yet."""
    found = Machine(tmp_path).set_up()
    yield found
    # Only a test that failed leaves any.
    for pid in found.processes():
        os.kill(pid, signal.SIGKILL)
