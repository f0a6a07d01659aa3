"""What would make a bake fail later is told before it starts."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from bakery.local.adapter import Local
from images.errors import BakeryError
from images.job import VerifyJob
from images.local import LocalTarget
from tests.fakes.bake_jobs import OLD_PACKER
from tests.unit.unit_samples import verify_job

pytestmark = pytest.mark.unit


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VerifyJob:
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    base = tmp_path / "base.qcow2"
    base.write_bytes(b"disk")
    return verify_job(base, hashlib.sha256(b"disk").hexdigest())


def _local(job: VerifyJob) -> Local:
    assert isinstance(job.target, LocalTarget)
    return Local(job.target)


def free(gigabytes: float) -> SimpleNamespace:
    return SimpleNamespace(free=int(gigabytes * (1 << 30)))


def test_enough_of_everything(job: VerifyJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free(100))
    _local(job).preflight(job, OLD_PACKER)


def test_no_disk_space(job: VerifyJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free(1.5))
    with pytest.raises(BakeryError, match=r"has 1\.5 GiB free; a bake needs 4"):
        _local(job).preflight(job, OLD_PACKER)
