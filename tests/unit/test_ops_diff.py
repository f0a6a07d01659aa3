"""`python -m ops diff`: of bakes, of records, of contracts."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from tests.fakes.contracts import contract_json, gcp_place, image
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

OLD, NEW = "dstack-bake-cpu-aaaaaaaaaaaa", "dstack-bake-cpu-bbbbbbbbbbbb"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def add_bake(home: Path, name: str, packages: str, **changes: Any) -> Path:
    """A complete bake in the store; returns its folder."""
    folder = home / "store" / name
    folder.mkdir(parents=True)
    (folder / "image.qcow2").write_bytes(b"content")
    record = bake_record(name)
    versions = record.versions.model_copy(update=changes.pop("versions", {}))
    lists = record.packages.model_copy(update={"sha256": name[-1] * 64})
    record = record.model_copy(update={**changes, "versions": versions, "packages": lists})
    (folder / "record.json").write_text(record.model_dump_json())
    (folder / "packages.txt").write_text(packages)
    return folder


@pytest.fixture
def two(home: Path) -> tuple[Path, Path]:
    """Two bakes of this machine; of the packages, one went down and one was never there before."""
    return (
        add_bake(
            home,
            OLD,
            "bash 5.2-9 amd64\ncurl 8.5.0-2 amd64\nlinux 6.8.0-31 amd64\nzsh 5.9 amd64\n",
            versions={"kernel": "6.8.0-31-generic", "docker": "27.1.1"},
        ),
        add_bake(
            home,
            NEW,
            "bash 5.2-10 amd64\ncurl 8.5.0-2~rc1 amd64\njq 1.7 amd64\nlinux 6.8.0-31 amd64\n",
            versions={"kernel": "6.8.0-100-generic", "docker": "27.1.1", "driver": "580.9"},
            docker_images={"some/image:1": "sha256:" + "2" * 64},
        ),
    )


def in_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["diff", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_versions_go_by_dpkgs_order_and_not_by_that_of_letters(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = in_json(capsys, OLD, NEW)
    parts = {kind: found[kind] for kind in ("components", "packages", "docker_images")}
    told = {
        kind: [(change["what"], change["direction"]) for change in changes]
        for kind, changes in parts.items()
    }
    assert told == {
        "components": [("kernel", "up"), ("NVIDIA driver", "added")],
        "packages": [
            ("bash:amd64", "up"),
            ("curl:amd64", "down"),
            ("jq:amd64", "added"),
            ("zsh:amd64", "removed"),
        ],
        "docker_images": [("some/image:1", "changed")],
    }


def test_text_begins_with_what_matters(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", OLD, NEW]) == 0
    text = capsys.readouterr().out
    order = [text.index(words) for words in ("6.8.0-100-generic", "580.9", "DOWN", "some/image:1")]
    assert order == sorted(order)
    assert f"{OLD} and {NEW}" in text


def test_markdown_is_a_section_with_tables(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--markdown", OLD, str(two[1] / "record.json")]) == 0
    text = capsys.readouterr().out
    assert text.startswith("### local-cpu\n")
    assert "| kernel | 6.8.0-31-generic | 6.8.0-100-generic | up |" in text
    assert "| curl:amd64 | 8.5.0-2 | 8.5.0-2~rc1 | down |" in text


def test_exit_code_is_for_who_asks(two: tuple[Path, Path]) -> None:
    assert main(["diff", OLD, NEW]) == 0
    assert main(["diff", "--exit-code", OLD, NEW]) == 3
    assert main(["diff", "--exit-code", OLD, OLD]) == 0


def test_releases_of_contracts_are_paired_by_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = gcp_place("dstack", "x")
    first = image("dstack-0-14", place, version="0.14", bake=OLD)
    second = image(
        "dstack-0-15",
        place,
        bake=NEW,
        versions={"kernel": "6.14.0"},
        packages=bake_record(NEW).packages.model_copy(update={"sha256": "9" * 64}),
    )
    cuda = image("dstack-cuda-0-15", place, variant="cuda")
    Path("contract.json").write_text(contract_json(first, second, cuda))
    monkeypatch.setattr(sys, "stdin", io.StringIO(contract_json(second, cuda)))
    of_cpu, of_cuda = in_json(capsys, "contract.json:0.14", "-")
    assert (of_cpu["image"], of_cuda["image"]) == ("gcp-cpu", "gcp-cuda")
    assert of_cpu["packages"] is None, "there are no lists"
    assert (of_cuda["before"], of_cuda["after"]) == (None, "dstack-cuda-0-15 (prod)")
    Path("lists").mkdir()
    Path("lists", f"{OLD}.txt").write_text("bash 5.2-9 amd64\n")
    Path("lists", f"{NEW}.txt").write_text("bash 5.2-10 amd64\n")
    of_cpu, _ = in_json(capsys, "--packages", "lists", "contract.json:0.14", "contract.json")
    assert [change["what"] for change in of_cpu["packages"]] == ["bash:amd64"]
    assert main(["diff", "contract.json:0.14", "contract.json"]) == 0
    assert "--packages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["nowhere", "nowhere"], "neither a file nor a bake"),
        (["-", "-"], "one of the two"),
        (["bad.json", "bad.json"], "bad.json: this is no contract"),
        (["record.json", "record.json"], "record.json holds no record"),
        (["contract.json:0.13", "contract.json"], "has no release 0.13; it has 0.15"),
    ],
)
def test_mistakes_are_told_in_a_line(
    given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.json").write_text("[1")
    Path("record.json").write_text('{"image_id": 1}')
    Path("contract.json").write_text(contract_json(image("dstack-0-15", gcp_place("dstack", "x"))))
    assert main(["diff", *given]) == 1
    assert told in capsys.readouterr().err
