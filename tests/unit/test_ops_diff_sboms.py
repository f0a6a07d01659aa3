"""`python -m ops diff` of bills of materials: with each other, with records, with contracts."""

import json
from pathlib import Path
from typing import Any

import pytest

from bakery.sbom.database import ARCHIVE
from bakery.sbom.document import Contents
from bakery.sbom.make import FILE, Origin, make_sbom
from images.record import BakeRecord
from ops.__main__ import main
from tests.fakes.contracts import contract_json, gcp_place, image
from tests.fakes.handed_out import OS_RELEASE, database
from tests.unit.unit_samples import WHEN, bake_record

pytestmark = pytest.mark.unit

OLD, NEW = "dstack-bake-cuda-aaaaaaaaaaaa", "dstack-bake-cuda-bbbbbbbbbbbb"
DIGEST = "sha256:" + "1" * 64
BEFORE = {
    "bash": "5.2-9",
    "docker-ce": "5:27.1.1-1~ubuntu.24.04~noble",
    "linux-image-6.8.0-31-generic": "6.8.0-31.31",
    "nvidia-open": "580.82.07-0ubuntu1",
    "zsh": "5.9-6",
}
AFTER = {
    "bash": "5.2-10",
    "docker-ce": "5:27.5.1-1~ubuntu.24.04~noble",
    "linux-image-6.8.0-31-generic": "6.8.0-31.31",
    "linux-image-6.8.0-100-generic": "6.8.0-100.100",
    "nvidia-open": "580.65.06-0ubuntu1",
    "jq": "1.7.1",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sbom(folder: Path, bake: str, packages: dict[str, str], base: str = DIGEST) -> Path:
    """A document as a bake makes it."""
    status = "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        for name, version in packages.items()
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARCHIVE).write_bytes(database(status, OS_RELEASE))
    lines = (f"{name} {version} amd64\n" for name, version in packages.items())
    (folder / "packages.txt").write_text("".join(lines), encoding="utf-8")
    contents = Contents({"dstackai/base:0.16-base-ubuntu24.04": base}, None)
    make_sbom(Origin(bake, "cuda", "d" * 64, WHEN), contents, folder)
    (folder / "packages.txt").unlink()
    (folder / ARCHIVE).unlink()
    return (folder / FILE).rename(folder / f"{bake}.spdx.json.gz")


def in_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main(["diff", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def told(changes: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(change["what"], change["direction"]) for change in changes]


def test_two_documents(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sbom(home, OLD, BEFORE)
    after = sbom(home, NEW, AFTER, "sha256:" + "2" * 64)
    (found,) = in_json(capsys, str(before), str(after))
    assert (found["before"], found["after"], found["image"]) == (OLD, NEW, "cuda")
    assert [list(change.values()) for change in found["components"]] == [
        ["kernel", "6.8.0-31-generic", "6.8.0-100-generic", "up"],
        ["NVIDIA driver", "580.82.07", "580.65.06", "down"],
        ["Docker", "27.1.1", "27.5.1", "up"],
    ]
    assert told(found["packages"]) == [
        ("bash:amd64", "up"),
        ("docker-ce:amd64", "up"),
        ("jq:amd64", "added"),
        ("linux-image-6.8.0-100-generic:amd64", "added"),
        ("nvidia-open:amd64", "down"),
        ("zsh:amd64", "removed"),
    ]
    assert told(found["docker_images"]) == [("dstackai/base:0.16-base-ubuntu24.04", "changed")]
    assert in_json(capsys, str(after), str(after))[0]["packages"] == []
    assert main(["diff", "--markdown", str(before), str(after)]) == 0
    assert "| NVIDIA driver | 580.82.07 | 580.65.06 | down |" in capsys.readouterr().out


def test_document_with_a_record_of_another_cloud(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record knows more, such as its source, which the document says nothing of."""
    document = sbom(home, OLD, BEFORE)
    record = cuda_record(NEW, kernel="6.8.0-100-generic", docker="27.1.1", driver="580.82.07")
    (home / f"{NEW}.json").write_text(record.model_dump_json())
    (found,) = in_json(capsys, str(document), f"{NEW}.json")
    assert told(found["components"]) == [("kernel", "up")]
    assert found["packages"] is None, "no list of the record's packages is here"
    sbom(home / "sboms", NEW, BEFORE)
    (found,) = in_json(capsys, str(document), f"{NEW}.json")
    assert found["packages"] == []


def cuda_record(bake: str, **versions: str) -> BakeRecord:
    record = bake_record(bake)
    known = record.versions.model_copy(update=versions)
    return record.model_copy(update={"variant": "cuda", "versions": known})


def test_document_meets_each_image_of_its_variant(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = gcp_place("dstack", "x")
    cpu = image("dstack-0-15", place)
    cuda = image("dstack-cuda-0-15", place, variant="cuda", bake=NEW)
    Path("contract.json").write_text(contract_json(cpu, cuda))
    sbom(home, NEW, AFTER)
    paired, alone = in_json(capsys, str(sbom(home, OLD, BEFORE)), "contract.json")
    assert (alone["image"], alone["before"]) == ("gcp-cpu", None)
    assert paired["image"] == "cuda and gcp-cuda"
    assert ("bash:amd64", "up") in told(paired["packages"]), "the document beside the contract"


def test_releases_have_their_packages_from_documents_beside_them(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As GitHub's releases have them: one folder each."""
    for folder, bake, packages in (("old", OLD, BEFORE), ("new", NEW, AFTER)):
        sbom(home / folder, bake, packages)
        one = image("dstack-cuda-0-15", gcp_place("dstack", "x"), variant="cuda", bake=bake)
        content = one.content.model_copy(update={"package_list_sha256": bake[-1] * 64})  # type: ignore[union-attr]
        text = contract_json(one.model_copy(update={"content": content}))
        (home / folder / "contract.json").write_text(text)
    (found,) = in_json(capsys, "old/contract.json", "new/contract.json")
    assert ("nvidia-open:amd64", "down") in told(found["packages"])


def test_document_of_another_bake_is_not_believed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sbom(home, OLD, BEFORE).rename(home / f"{NEW}.spdx.json.gz")
    (home / "record.json").write_text(cuda_record(NEW).model_dump_json())
    assert main(["diff", "record.json", "record.json"]) == 1
    assert f"is the bill of materials of {OLD}" in capsys.readouterr().err
