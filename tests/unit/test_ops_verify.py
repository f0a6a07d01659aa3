"""Whether what was downloaded belongs together, and who made it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bakery.sbom.document import Contents
from bakery.sbom.make import FILE, Origin, make_sbom
from images.contract import Image, content, contract, release
from images.digest import digest_of
from images.record import BakeRecord
from tests.fakes.handed_out import INVENTORY, hand_out
from tests.unit.unit_samples import PROJECT, bake_record

pytestmark = pytest.mark.unit

BAKE = "dstack-bake-cpu-0123456789ab"
#: Notes what it is asked, and answers as it is told, in words of cli/cli, pkg/cmd/attestation.
GH = """#!/bin/sh
echo "$@" >gh-asked
test -e gh-finds-none && exit 0
test -e gh-says || { echo '[{"verificationResult": {}}]'; exit 0; }
cat gh-says >&2
exit 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a person has downloaded."""
    (tmp_path / "bin").mkdir()
    hand_out(tmp_path)
    record = bake_record(BAKE)
    record = record.model_copy(
        update={"digest": digest_of(record.inputs), "docker_images": INVENTORY["docker_images"]}
    )
    origin = Origin(BAKE, record.variant, record.digest, record.started_at)
    sbom = make_sbom(origin, Contents(record.docker_images, None), tmp_path)
    (tmp_path / FILE).rename(tmp_path / f"{BAKE}.spdx.json.gz")
    packages = record.packages.model_copy(update={"count": 2})
    record = record.model_copy(update={"sbom": sbom, "packages": packages})
    (tmp_path / f"{BAKE}.json").write_text(record.model_dump_json())
    image = Image(
        name="dstack-0.14",
        cloud="local",
        variant="cpu",
        version="0.14",
        prefix="",
        content=content(record),
        verification=None,
        place=None,
        found={},
    )
    (tmp_path / "contract.json").write_text(
        contract("prod", "", [release("0.14", None, [image])]).model_dump_json()
    )
    (tmp_path / "bin" / "gh").write_text(GH)
    (tmp_path / "bin" / "gh").chmod(0o755)
    return tmp_path


def verify(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ops", "verify", "contract.json", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT), "PATH": f"{folder / 'bin'}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )


ALL = ("--records", ".", "--sboms", ".")


def test_what_belongs_together(folder: Path) -> None:
    done = verify(folder, *ALL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not checked who made contract.json" in done.stdout
    assert f"ok record of {BAKE}" in done.stdout
    assert f"ok bill of materials of {BAKE}" in done.stdout


def test_what_is_not_there_is_said(folder: Path) -> None:
    found = json.loads(verify(folder, "--json").stdout)
    assert {finding["result"] for finding in found} == {"not checked"}


def test_other_bytes_are_found(folder: Path) -> None:
    file = folder / f"{BAKE}.spdx.json.gz"
    file.write_bytes(file.read_bytes() + b"x")
    done = verify(folder, *ALL)
    assert (done.returncode, "another SHA-256" in done.stdout) == (3, True)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("inputs", ["epoch=1"], "not that of its inputs"),
        ("docker_images", {}, "another Docker images"),
        ("name", 7, "is no record"),
    ],
)
def test_other_records_are_found(folder: Path, key: str, value: object, why: str) -> None:
    file = folder / f"{BAKE}.json"
    record = json.loads(file.read_text()) | {key: value}
    file.write_text(json.dumps(record))
    done = verify(folder, *ALL)
    assert (done.returncode, why in done.stdout) == (3, True), done.stdout


def test_bake_without_a_document(folder: Path) -> None:
    file = folder / f"{BAKE}.json"
    record = BakeRecord.model_validate_json(file.read_bytes()).model_copy(update={"sbom": None})
    file.write_text(record.model_dump_json())
    assert "another bill of materials" in verify(folder, *ALL).stdout
    document = json.loads((folder / "contract.json").read_text())
    document["releases"][0]["images"][0]["content"]["sbom"] = None
    (folder / "contract.json").write_text(json.dumps(document))
    assert "from before there were any" in verify(folder, *ALL).stdout


def test_attestation_is_asked_for_without_a_network(folder: Path) -> None:
    signed = ("--bundle", "contract.jsonl", "--repo", "dstackai/dstack-images")
    done = verify(folder, *ALL, *signed, "--trusted-root", "trusted_root.jsonl")
    assert done.returncode == 0, done.stdout
    assert (folder / "gh-asked").read_text() == (
        "attestation verify contract.json --repo dstackai/dstack-images "
        "--signer-workflow dstackai/dstack-images/.github/workflows/prod.yml "
        "--bundle contract.jsonl --format json --custom-trusted-root trusted_root.jsonl\n"
    )
    (folder / "gh-finds-none").touch()
    nothing = verify(folder, *ALL, *signed)
    assert (nothing.returncode, "found no attestation of it" in nothing.stdout) == (3, True)
    (folder / "gh-finds-none").unlink()
    (folder / "gh-says").write_text("Error: no attestation matches\n")
    refused = verify(folder, *ALL, *signed)
    assert (refused.returncode, "no attestation matches" in refused.stdout) == (3, True)
    for unanswered in (
        "Error: failed to create TUF client: dial tcp: no such host",
        'unknown command "attestation" for "gh"',
        "Error: bundle content could not be parsed",
    ):
        (folder / "gh-says").write_text(unanswered)
        done = verify(folder, *ALL, *signed)
        assert (done.returncode, "not checked contract.json was made" in done.stdout) == (0, True)
        assert unanswered in done.stdout
    (folder / "bin" / "gh").unlink()
    assert "there is no `gh`" in verify(folder, *ALL, *signed).stdout
    assert verify(folder, "--repo", "dstackai/dstack-images").returncode == 1
