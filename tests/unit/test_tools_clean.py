"""`make clean`: this machine's bakes, files and stack go, and nobody else's state."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

#: Where Pulumi keeps things of a stack, in a folder as backend.
LOCAL = (
    "stacks/dstack-images/local.json",
    "stacks/dstack-images/local.json.bak",
    "history/dstack-images/local/local-1.history.json",
    "backups/dstack-images/local/local.1.json",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(PROJECT / "tools" / "clean", tmp_path / "tools")
    for file in LOCAL:
        state(tmp_path, file)
    bake = tmp_path / "home" / "store" / "dstack-bake-cpu-1"
    bake.mkdir(parents=True)
    (bake / "image.qcow2").write_bytes(b"image")
    bake.chmod(0o555)
    (tmp_path / "dist").mkdir()
    return tmp_path


def state(folder: Path, file: str) -> Path:
    path = folder / ".state" / ".pulumi" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


def clean(folder: Path) -> str:
    done = subprocess.run(
        ["bash", "tools/clean"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "DSTACK_IMAGES_HOME": f"{folder}/home"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_everything_of_this_machine_goes(folder: Path) -> None:
    clean(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["home", "tools"]
    assert not list((folder / "home").iterdir())
    assert "removing" not in clean(folder), "nothing is left to remove"


def test_state_of_another_stack_stays(folder: Path) -> None:
    kept = [
        state(folder, "stacks/dstack-images/prod.json"),
        state(folder, "stacks/dstack-images/local-of-mine.json"),
        state(folder, "history/dstack-images/prod/prod-1.history.json"),
    ]
    assert "local-of-mine.json, prod.json" in clean(folder)
    left = [path for path in (folder / ".state").rglob("*") if path.is_file()]
    assert sorted(left) == sorted(kept)
