"""Fixtures of the tests that run the bakery as a process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bakery.bakery_process import BakeryHost


@pytest.fixture
def host(tmp_path: Path) -> Iterator[BakeryHost]:
    """A host that is set up, with nothing baked yet."""
    found = BakeryHost.open(tmp_path / "host")
    yield found
    # Only a test that failed leaves any.
    for pid in found.processes():
        os.kill(pid, signal.SIGKILL)
