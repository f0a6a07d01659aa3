"""Every `python -m ops ...` on a page, run as it stands there."""

import shlex
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, main
from tests.fakes.contracts import contract_json, gcp_place, image
from tests.unit.test_docs import ALL_COMMANDS

pytestmark = pytest.mark.unit

ON_PAGES = sorted({found for found in ALL_COMMANDS if found.startswith("python -m ops ")})
#: Commands that end otherwise on a machine where nothing was ever made.
NOT_WELL = {"discard": (1, "there is no bake")}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the pages have a person write there, and a home without bakes."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    place = gcp_place("dstack", "dstack-0-15")
    before = image("dstack-0-14", place, version="0.14", bake="dstack-bake-cpu-0")
    Path("contract.json").write_text(contract_json(before, image("dstack-0-15", place)))
    return tmp_path


@pytest.mark.parametrize("command", ON_PAGES)
def test_commands_of_the_pages(
    command: str, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = shlex.split(command.removeprefix("python -m ops "))
    status, words = NOT_WELL.get(arguments[0], (0, ""))
    assert main(arguments) == status, capsys.readouterr().err
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"ops {command}" in capsys.readouterr().out
