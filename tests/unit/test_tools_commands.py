"""Set-up finds what the machine has, and judges how old it is."""

import os
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT
from tools import go
from tools.commands import find, foreign_path, parse_version, run
from tools.errors import SetupError

pytestmark = pytest.mark.unit


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("3.200.0-alpha.1+dirty", (3, 200, 0)),
        ("Packer v1.16.0\n\nYour version is out of date", (1, 16, 0)),
        ("go version go1.25.11 linux/amd64", (1, 25, 11)),
        ("no number at all", None),
    ],
)
def test_versions_are_read_from_what_programs_say(
    text: str, version: tuple[int, ...] | None
) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("version", "minimum", "enough"),
    [
        ("3.200.0", (3, 200), True),
        ("3.199.9", (3, 200), False),
        ("3.1000.0", (3, 200), True),
        ("1.6.6", (1, 6, 6), True),
        ("1.6.5", (1, 6, 6), False),
        ("1.16.0", (1, 7), True),
    ],
)
def test_versions_compare_as_numbers(
    tmp_path: Path, version: str, minimum: tuple[int, ...], enough: bool
) -> None:
    file = program(tmp_path, "thing", f"echo v{version}")
    assert find("thing", [], minimum, str(tmp_path)) == (file if enough else None)


def test_a_program_that_fails_is_not_used(tmp_path: Path) -> None:
    program(tmp_path, "thing", "echo v9.9; exit 1")
    assert find("thing", [], (1,), str(tmp_path)) is None


def test_own_links_do_not_count_as_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", str(tmp_path), "/bin"]))
    assert foreign_path(tmp_path) == os.pathsep.join(["/usr/bin", "/bin"])


def test_a_failure_shows_the_last_lines_and_the_log(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "for i in $(seq 40); do echo line $i; done; exit 3")
    log = tmp_path / "logs" / "broken.log"
    with pytest.raises(SetupError, match="broken failed with status 3") as caught:
        run([broken], log)
    message = str(caught.value)
    assert "line 40" in message
    assert "line 25\n" not in message
    assert str(log) in message
    assert "line 1\n" in log.read_text(encoding="utf-8")


def test_go_is_as_new_as_its_module_asks_for(tmp_path: Path) -> None:
    assert go.minimum(PROJECT / "tools") >= (1, 25)
    (tmp_path / "go.mod").write_text("module nameless\n", encoding="utf-8")
    with pytest.raises(SetupError, match="has no line such as"):
        go.minimum(tmp_path)
