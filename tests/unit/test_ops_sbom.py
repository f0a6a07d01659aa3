"""Bills of materials for bakes from before there were any, made as a person would."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from images.record import BakeRecord
from tests.fakes.handed_out import PACKAGES
from tests.unit.unit_samples import PROJECT, bake_record

pytestmark = pytest.mark.unit


def ops(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DSTACK_IMAGES_HOME": str(folder), "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def old_bake(folder: Path, record: str, packages: str) -> BakeRecord:
    bake = bake_record("dstack-bake-cpu-0123456789ab").model_copy(update={"sbom": None})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / record).write_text(bake.model_dump_json(), encoding="utf-8")
    (folder / packages).write_text(PACKAGES, encoding="utf-8")
    return bake


def test_bakes_of_this_machine_get_what_they_lack(tmp_path: Path) -> None:
    folder = tmp_path / "store" / "dstack-bake-cpu-0123456789ab"
    bake = old_bake(folder, "record.json", "packages.txt")
    (folder / "image.qcow2").write_bytes(b"1234567")
    done = ops("sbom", "--store", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    record = BakeRecord.model_validate_json((folder / "record.json").read_bytes())
    assert record.sbom is not None
    assert record.sbom.names_only
    body = (folder / record.sbom.file).read_bytes()
    assert record.sbom.sha256 == hashlib.sha256(body).hexdigest()
    assert record.model_copy(update={"sbom": None}) == bake
    assert "every bake" in ops("sbom", "--store", folder=tmp_path).stdout


def test_record_out_of_a_bucket_gets_its_document_beside_it(tmp_path: Path) -> None:
    name = "dstack-bake-cpu-0123456789ab"
    old_bake(tmp_path, f"{name}.json", f"{name}.txt")
    done = ops("sbom", "dstack-bake-cpu-0123456789ab.json", f"{name}.txt", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{name}.spdx.json.gz").is_file()
    again = ops("sbom", f"{name}.json", f"{name}.txt", folder=tmp_path)
    assert (again.returncode, "has a bill of materials" in again.stderr) == (1, True)
    assert ops("sbom", folder=tmp_path).returncode == 1
