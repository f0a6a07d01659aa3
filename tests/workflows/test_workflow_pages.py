"""The pages about releases say what the workflows do."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, main
from ops.command import FAILED
from tests.fakes.stack_files import use_folder
from tests.workflows.expected_runs import RUNS
from tests.workflows.workflow_files import PROJECT, load
from tools.workflow.environment import CLOUDS, REQUIRED

pytestmark = pytest.mark.unit

RELEASES = (PROJECT / "docs" / "releases.md").read_text(encoding="utf-8")
DSTACK = (PROJECT / "docs" / "dstack.md").read_text(encoding="utf-8")
WORKFLOWS = PROJECT / ".github" / "workflows"


def test_commands_start_workflows_with_inputs_that_they_have() -> None:
    found = re.findall(r"^gh workflow run (\S+)(.*)$", RELEASES, re.MULTILINE)
    assert found
    for workflow, rest in found:
        events = load(WORKFLOWS / workflow)[True]  # type: ignore[index]
        inputs = events["workflow_dispatch"]["inputs"]
        given = set(re.findall(r"-f (\w+)=", rest))
        assert given <= set(inputs)
        wanted = {
            name for name, one in inputs.items() if one.get("required") and "default" not in one
        }
        assert wanted <= given


def test_day_2_commands_of_jobs_are_what_ops_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder without a stack each one ends at once; arguments that cannot be end otherwise."""
    use_folder(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    asked = [line.split()[1:] for _, lines in RUNS.values() for line in lines if "ops " in line]
    known = [words for words in asked if words[0] in COMMANDS]
    assert {words[0] for words in known} >= {"check", "diff", "list", "quota", "sweep"}
    for words in known:
        assert main(words) == FAILED


def test_the_table_of_workflows_has_all() -> None:
    told = set(re.findall(r"^\| `(\w+\.yml)` ", RELEASES, re.MULTILINE))
    assert told == {file.name for file in WORKFLOWS.iterdir()}


def test_the_page_says_which_workflows_stop_by_themselves() -> None:
    """GitHub ends the schedules of a public repository without activity for 60 days ("Disabling and
    enabling a workflow", GitHub Docs)."""
    timed = {file.name for file in WORKFLOWS.iterdir() if "schedule" in load(file)[True]}  # type: ignore[index]
    (told,) = re.findall(r"^.*60 days.*\n.*$", RELEASES, re.MULTILINE)
    assert set(re.findall(r"gh workflow enable (\w+\.yml)", told)) == timed


def test_the_table_of_variables_is_what_jobs_read() -> None:
    known = {*REQUIRED, *(name for cloud in CLOUDS.values() for name in cloud)}
    assert set(re.findall(r"^\| `([A-Z_]+)` ", RELEASES, re.MULTILINE)) == known
    secrets = {
        name
        for file in WORKFLOWS.iterdir()
        for name in re.findall(r"secrets\.(\w+)", file.read_text(encoding="utf-8"))
    }
    assert secrets == {"OCI_CLI_KEY_CONTENT"}
    assert "The secret is `OCI_CLI_KEY_CONTENT`" in RELEASES


def test_dstacks_workflow_validates_by_the_version_that_is_tested_here() -> None:
    (used,) = re.findall(
        r"check-jsonschema==\S+", (PROJECT / "docs/examples/use-vm-images.yml").read_text("utf-8")
    )
    assert used in (PROJECT / "requirements-test.in").read_text(encoding="utf-8").splitlines()


def test_the_file_for_dstacks_backends(tmp_path: Path) -> None:
    (command,) = re.findall(r"^jq .*$", DSTACK, re.MULTILINE)
    places = [
        {"cloud": "aws", "account_id": "142421590066"},
        {"cloud": "azure", "gallery": {"public_name": "dstack-1"}},
        {"cloud": "gcp", "project": "dstack"},
    ]
    images = [{"place": place} for place in [*places, None]]
    contract = {"releases": [{"images": images}]}
    (tmp_path / "contract.json").write_text(json.dumps(contract), encoding="utf-8")
    subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True)
    made = json.loads((tmp_path / "vm_images.json").read_text(encoding="utf-8"))
    assert made == {"aws": "142421590066", "azure": "dstack-1", "gcp": "dstack"}


def test_dstacks_repository_is_told_what_its_workflow_wants() -> None:
    example = (PROJECT / "docs" / "examples" / "use-vm-images.yml").read_text(encoding="utf-8")
    once = DSTACK.partition("## Once, in dstack's repository")[2].partition("\n## ")[0]
    wanted = set(re.findall(r"(?:vars|secrets)\.(\w+)", example))
    assert wanted == {"VM_IMAGES_REPOSITORY"}
    assert "`VM_IMAGES_REPOSITORY`" in once
    (setting,) = re.findall(r"Allow GitHub Actions to [a-z ]+", example)
    assert setting in " ".join(once.split()), "in GitHub's words, as the run's message says it"
    (name,) = re.findall(r"^name: (.*)$", example, re.MULTILINE)
    assert f"`{name}`" in once
