"""Day-2 commands on a store of this machine, run as a person would."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bakery.folders import lock_file
from bakery.lock import try_lock
from images.local import LocalPlace
from tests.fakes.contracts import contract_json, image
from tests.unit.unit_samples import PROJECT, bake_record

pytestmark = pytest.mark.unit


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four complete bakes, the first the oldest; the last is of another variant."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    now = datetime.now(UTC)
    for age, name in enumerate(("cpu-d", "cpu-c", "cpu-b", "cuda-a")):
        folder = tmp_path / "store" / f"dstack-bake-{name}"
        folder.mkdir(parents=True)
        (folder / "image.qcow2").write_bytes(b"content")
        record = json.loads(bake_record(folder.name).model_dump_json())
        record["variant"] = name.partition("-")[0]
        record["finished_at"] = (now - timedelta(days=9 - age)).isoformat()
        (folder / "record.json").write_text(json.dumps(record))
    return tmp_path / "store"


def ops(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def names(store: Path) -> set[str]:
    return {folder.name.removeprefix("dstack-bake-") for folder in store.iterdir()}


def test_list_shows_every_bake_and_a_broken_one_with_its_reason(store: Path) -> None:
    (store / "dstack-bake-cpu-b" / "record.json").write_text("{")
    shown = ops("list").stdout
    for name in ("cpu-b", "cpu-c", "cpu-d", "cuda-a"):
        assert name in shown
    assert "unreadable" in shown


def test_prune_says_first_and_does_it_when_told(store: Path) -> None:
    planned = ops("prune", "--keep", "1")
    assert names(store) == {"cpu-b", "cpu-c", "cpu-d", "cuda-a"}
    assert "would remove dstack-bake-cpu-c" in planned.stdout
    assert "cpu-b" not in planned.stdout, "the newest of its variant"
    assert ops("prune", "--keep", "1", "--yes").returncode == 0
    assert names(store) == {"cpu-b", "cuda-a"}


def test_prune_leaves_what_a_contract_names(store: Path, tmp_path: Path) -> None:
    named = bake_record("dstack-bake-cpu-c")
    place = LocalPlace(path="/x", size_bytes=1, sha256="0" * 64)
    contract = tmp_path / "contract.json"
    contract.write_text(contract_json(image("dstack-0.15", place, bake=named.name)))
    done = ops("prune", "--keep", "0", "--contract", str(contract), "--yes")
    assert done.returncode == 0, done.stderr
    assert names(store) == {"cpu-c"}


def test_prune_leaves_what_is_younger_than_a_day(store: Path) -> None:
    record = store / "dstack-bake-cuda-a" / "record.json"
    fresh = {**json.loads(record.read_text()), "finished_at": datetime.now(UTC).isoformat()}
    record.write_text(json.dumps(fresh))
    assert ops("prune", "--keep", "0", "--yes").returncode == 0
    assert names(store) == {"cuda-a"}


@pytest.mark.parametrize("work", ["", "-verify", "-export"])
def test_prune_leaves_what_a_run_is_busy_with(store: Path, work: str) -> None:
    with try_lock(lock_file(f"dstack-bake-cpu-d{work}")):
        done = ops("prune", "--keep", "0", "--yes")
    assert done.returncode == 1
    assert "busy with dstack-bake-cpu-d" in done.stdout
    assert names(store) == {"cpu-d"}


def test_list_says_what_uses_a_bake(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = store.parent / "contract.json"
    place = LocalPlace(path="/x", size_bytes=1, sha256="0" * 64)
    contract.write_text(contract_json(image("dstack-0.15", place, bake="dstack-bake-cpu-b")))
    told = json.loads(ops("list", "--json", "--contract", str(contract)).stdout)
    assert told[0]["name"] == "dstack-bake-cuda-a", "the newest"
    uses = {bake["name"]: bake["uses"] for bake in told if bake["uses"]}
    assert uses == {
        "dstack-bake-cpu-b": [{"stack": "prod", "release": "0.15", "where": "contract"}]
    }
    assert told[-1]["age_days"] == 9


def test_sweep_removes_folders_of_dead_runs_only(store: Path) -> None:
    work = store.parent / "work"
    for run in ("dstack-bake-cpu-e", "dstack-bake-cpu-f"):
        (work / run).mkdir(parents=True)
    with try_lock(lock_file("dstack-bake-cpu-f")):
        planned = ops("sweep")
        assert "would remove the folder of a run" in planned.stdout
        assert "cpu-f" not in planned.stdout
        assert len(list(work.iterdir())) == 2
        assert ops("sweep", "--run", "any", "--yes").returncode == 0
    assert [folder.name for folder in work.iterdir()] == ["dstack-bake-cpu-f"]


def test_prune_refuses_nonsense(store: Path) -> None:
    refused = ops("prune", "--keep=-1")
    assert refused.returncode == 1
    assert "--keep is -1" in refused.stderr
    assert len(names(store)) == 4


def test_discard_refuses_what_is_not_there_or_in_use(store: Path) -> None:
    refused = ops("discard", "dstack-bake-cpu-x")
    assert refused.returncode == 1
    assert "there is no bake dstack-bake-cpu-x" in refused.stderr
    with try_lock(lock_file("dstack-bake-cpu-b-verify")):
        refused = ops("discard", "dstack-bake-cpu-b")
    assert refused.returncode == 1
    assert "a run is busy" in refused.stderr
    assert ops("discard", "dstack-bake-cpu-b").returncode == 0
    assert "cpu-b" not in names(store)


def test_file_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    place = LocalPlace(path="/x", size_bytes=1, sha256="0" * 64)
    contract = tmp_path / "contract.json"
    contract.write_text(contract_json(image("dstack-0.15", place)))
    refused = ops("catalog", str(contract), "--out", str(contract / "page"))
    assert refused.returncode == 1
    assert refused.stderr == f"error: {contract / 'page'}: Not a directory\n"
