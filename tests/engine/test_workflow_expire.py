"""The nightly job beside the real Pulumi, whose words about locks it reads."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tools.workflow import expire

pytestmark = pytest.mark.engine

_STACK = "stgn-7"


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locks are of a stack that has never had an `up`, and that nobody has changed."""
    (tmp_path / "Pulumi.yaml").write_text("name: dstack-images\nruntime: python\n")
    (tmp_path / "Pulumi.staging.yaml").write_text("config: {}\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "only for tests")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(expire, "PROJECT", tmp_path)
    subprocess.run(["pulumi", "stack", "init", _STACK, "--non-interactive"], check=True)
    (tmp_path / f"Pulumi.{_STACK}.yaml").unlink()
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "dstack-images" / _STACK
    locks.mkdir(parents=True, exist_ok=True)
    return locks


def _lock(locks: Path, name: str, age: timedelta) -> None:
    """As `newLockContent` writes it (`pkg/backend/diy/lock.go`)."""
    body = {"pid": 2301, "username": "runner", "hostname": "runnervm1"}
    when = (datetime.now(UTC) - age).isoformat()
    (locks / f"{name}.json").write_text(json.dumps({**body, "timestamp": when}))


def _stacks() -> list[str]:
    done = subprocess.run(["pulumi", "stack", "ls", "--json"], stdout=subprocess.PIPE, check=True)
    return [one["name"] for one in json.loads(done.stdout)]


def test_a_lock_that_nobody_holds_keeps_no_stack(locked: Path) -> None:
    _lock(locked, "lost", timedelta(days=8))
    assert expire.main(["0"]) == 0
    assert _stacks() == []


def test_a_lock_that_somebody_may_hold_keeps_it(locked: Path) -> None:
    _lock(locked, "lost", timedelta(days=8))
    _lock(locked, "held", timedelta(hours=5))
    assert expire.main(["0"]) == 1
    assert _stacks() == [_STACK]
    assert len([*locked.iterdir()]) == 2
