"""Fixtures of the tests that run the bakery as a process."""

from pathlib import Path

import pytest
from bakery_process import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that is set up, with nothing baked yet."""
    return Machine(tmp_path).set_up()
