"""What Packer writes when it panics, in a folder that all runs of a checkout share."""

import os
import sys
import time
from pathlib import Path

import pytest

from bakery.caller import Caller
from bakery.packer.runner import PackerFailed, run_supervised
from bakery.packer.supervisor import Run
from bakery.progress import Progress
from tests.fakes.fake_packer import PANIC_OUTPUT

pytestmark = pytest.mark.unit


def failure(checkout: Path, log: Path, program: str) -> PackerFailed:
    """How a Packer fails that does this in the checkout."""
    run = Run(
        argv=[sys.executable, "-c", f"{program}\nimport sys; sys.exit(1)"],
        sidecars=[],
        environment=dict(os.environ),
        folder=checkout,
        log=log,
        limit=20,
        grace=1,
        work=[checkout],
        started=time.time(),
    )
    with pytest.raises(PackerFailed) as failed:
        run_supervised(run, Caller(Progress()))
    return failed.value


def test_crash_of_another_run_is_not_told_as_this_ones(tmp_path: Path) -> None:
    """It runs beside this one, or was cancelled, or is a person's own Packer."""
    theirs, log = tmp_path / "crash.log", tmp_path / "a.log"
    theirs.write_text("panic: theirs")
    failed = failure(tmp_path, log, "open('crash.log', 'w').write('panic: theirs')")
    assert failed.crash is None
    assert theirs.read_text() == "panic: theirs"

    crashes = f"open('crash.log', 'w').write('panic: mine')\nprint({PANIC_OUTPUT!r})"
    failed = failure(tmp_path, log, crashes)
    kept = tmp_path / "a-crash.log"
    assert failed.crash == kept
    assert kept.read_text() == "panic: mine"

    theirs.write_text("panic: theirs")
    assert failure(tmp_path, log, "").crash is None, "that was the attempt before"
