"""A work without Packer ends where it stands, when it is told to and with whoever asked for it.

The one that is tried here waits for the lock of a folder; others wait for a cloud, for hours.
"""

import fcntl
import hashlib
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bakery.bakery_process import DIGEST, BakeryHost, Running
from tests.bakery.test_bakery_cancel import PARENT
from tests.fakes.fake_host import children, until

pytestmark = pytest.mark.unit


@pytest.fixture
def job(host: BakeryHost, tmp_path: Path) -> dict[str, Any]:
    """A publication of content that is there."""
    bake = host.run("bake", host.bake_job()).record()["name"]
    assert bake == host.bake_job(DIGEST)["bake"]
    return {"stack": "test", "bake": bake, "name": "dstack-0.14", "place": str(tmp_path / "dist")}


@contextmanager
def locked(host: BakeryHost, job: dict[str, Any]) -> Generator[None]:
    """Another run publishes to that folder."""
    folder = hashlib.sha256(str(Path(job["place"]).resolve()).encode()).hexdigest()[:12]
    with (host.home / "locks" / f"publish-{folder}.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def await_wait(bakery: int) -> None:
    """Until the process waits for the lock (proc_locks(5))."""

    def waits() -> bool:
        lines = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
        return any("-> FLOCK" in line and str(bakery) in line.split() for line in lines)

    until(waits, lambda: "it does not wait")


def finishes(running: Running, job: dict[str, Any]) -> None:
    """The next run does it, and the one that has ended never did."""
    assert not Path(job["place"]).exists()
    running.host.run("publish", job).record()
    assert Path(job["place"], "dstack-0.14.qcow2").is_file()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal(host: BakeryHost, job: dict[str, Any], name: signal.Signals) -> None:
    with locked(host, job):
        running = host.start("publish", job)
        await_wait(running.process.pid)
        running.kill(name=name)
        ended = running.end(20)
    assert ended.refused() == "error: publish was cancelled before its end; run again\n"
    assert ended.status == 1
    finishes(running, job)


def test_parent_dies(host: BakeryHost, job: dict[str, Any]) -> None:
    with locked(host, job):
        running = host.start("publish", job, under=PARENT)
        until(lambda: bool(children(running.process.pid)), lambda: "it does not start")
        (bakery,) = children(running.process.pid)
        await_wait(bakery)
        running.kill()
        said = running.end(20)
        assert "Traceback" not in said.err
    finishes(running, job)


def test_second_signal_does_not_wait(host: BakeryHost, job: dict[str, Any]) -> None:
    """Whatever the first one still waits for."""
    with locked(host, job):
        running = host.start("publish", job)
        await_wait(running.process.pid)
        for _ in range(2):
            os.kill(running.process.pid, signal.SIGTERM)
        assert running.end(20).status != 0
    finishes(running, job)
