"""Each program that reads workflows refuses a spoilt copy that the others let pass."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflows.workflow_files import PROJECT

pytestmark = pytest.mark.unit


def lint(checkout: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(PROJECT / "tools" / "workflow" / "lint"), str(checkout)],
        env={**os.environ, "PATH": f"{PROJECT / '.venv' / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / ".github", tmp_path / ".github")
    shutil.copytree(PROJECT / "docs" / "examples", tmp_path / "docs" / "examples")
    # actionlint finds the project, and with it our own action, by its repository.
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_what_is_committed_is_accepted(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "good", "spoilt", "checker"),
    [
        ("prod.yml", "needs: plan", "needs: plann", "actionlint"),
        ("prod.yml", "run-owner: github-", "owner: github-", "actionlint"),
        ("prod.yml", '--max "$MAX_COST"', "--max $MAX_COST", "actionlint"),
        ("staging.yml", "@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "@v7", "zizmor"),
        ("staging.yml", '"$RUNNER_TEMP/up.log"\n', "${{ inputs.image_version }}\n", "zizmor"),
        ("prod.yml", "persist-credentials: false", "fetch-depth: 1", "zizmor"),
        ("sweep.yml", "    timeout-minutes: 60\n", "", "check-jsonschema"),
    ],
)
def test_a_spoilt_copy_is_refused(
    copy: Path, file: str, good: str, spoilt: str, checker: str
) -> None:
    path = copy / ".github" / "workflows" / file
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, spoilt, 1), encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"not accepted by: {checker}\n" in done.stderr
