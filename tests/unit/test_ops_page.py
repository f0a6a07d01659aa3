"""Every `python -m ops ...` on a page, run as it stands there."""

import io
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from bakery.sbom.make import make_names_only
from images.local import LocalPlace
from ops.__main__ import COMMANDS, main
from ops.prices import DEFAULT
from tests.fakes.contracts import contract_json, image
from tests.fakes.handed_out import PACKAGES
from tests.fakes.stack_files import use_folder, write_stack
from tests.unit.test_docs import ALL_COMMANDS
from tests.unit.test_ops_pin import dstack
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

#: On files that somebody has downloaded, which their own tests have, with the same commands.
ON_FILES = r"(?!catalog|fetch|publish|sbom|verify)"
ON_PAGES = sorted(
    {
        found
        for command in ALL_COMMANDS
        for found in re.findall(rf"python -m ops {ON_FILES}.*", command)
    }
)
#: Commands that end otherwise on a machine where nothing was ever made.
NOT_WELL = {
    "adopt": (1, "prod has no images on AWS"),
    "discard": (1, "there is no bake"),
    "tested": (1, "local: `pulumi preview --diff -s prod` says what this machine would bake"),
}


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the pages have a person write there, and a home without bakes."""
    tmp_path = tmp_path_factory.mktemp("work") / "checkout"
    tmp_path.mkdir()
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    use_folder(tmp_path, monkeypatch)
    for stack in ("local", "staging", "prod", "stgn-7"):
        write_stack(tmp_path, stack, {"local": {}})
    file = tmp_path / "dstack.qcow2"
    file.write_bytes(b"image")
    place = LocalPlace(path=str(file), size_bytes=5, sha256="0" * 64)
    before = image("dstack-0.14", place, version="0.14", bake="dstack-bake-cpu-0")
    shutil.copy(DEFAULT, tmp_path / "prices.yaml")
    monkeypatch.setattr("ops.registry.digest_of", lambda _image: f"sha256:{'1' * 64}")
    dstack(tmp_path.parent, "0.16").rename(tmp_path.parent / "dstack")
    contract = contract_json(before, image("dstack-0.15", place))
    Path("contract.json").write_text(contract)
    old = bake_record("dstack-bake-cpu-0123456789ab").model_copy(update={"sbom": None})
    Path(f"{old.name}.json").write_text(old.model_dump_json())
    Path(f"{old.name}.txt").write_text(PACKAGES)
    make_names_only(old, PACKAGES, Path("sbom.spdx.json.gz"))
    # Where it is there, it has its own opinion of attestations that are not.
    monkeypatch.setattr("ops.verify.shutil.which", lambda _name: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(contract))
    return tmp_path


@pytest.mark.parametrize("command", ON_PAGES)
def test_commands_of_the_pages(
    command: str, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = shlex.split(command.removeprefix("python -m ops ").partition(" >")[0])
    status, words = NOT_WELL.get(arguments[0], (0, ""))
    assert main(arguments) == status, capsys.readouterr().err
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"ops {command}" in capsys.readouterr().out
