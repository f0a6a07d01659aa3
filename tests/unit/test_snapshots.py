"""Files that hold what is sent to clouds."""

from pathlib import Path

import pytest

from tests.fakes import snapshots

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(snapshots, "_FOLDER", tmp_path)
    monkeypatch.delenv("DSTACK_IMAGES_SNAPSHOTS", raising=False)
    return tmp_path


def test_another_value_fails_and_says_which_lines_differ(folder: Path) -> None:
    (folder / "role.json").write_text('{\n  "actions": [\n    "read"\n  ]\n}\n', encoding="utf-8")
    snapshots.compare("role.json", {"actions": ["read"]})
    with pytest.raises(AssertionError, match=r'(?s)-    "read"\n\+    "write".*=write'):
        snapshots.compare("role.json", {"actions": ["write"]})


def test_a_value_without_its_file_fails(folder: Path) -> None:
    with pytest.raises(AssertionError, match="commit the file"):
        snapshots.compare("cloud/new.json", {"name": "one"})


def test_it_is_written_where_that_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_SNAPSHOTS", "write")
    snapshots.compare("cloud/new.json", {"name": "one", "count": 2})
    monkeypatch.delenv("DSTACK_IMAGES_SNAPSHOTS")
    snapshots.compare("cloud/new.json", {"count": 2, "name": "one"})
