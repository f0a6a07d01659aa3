"""Habits of people and their machines: many at once, since each run of the engine takes seconds."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi import automation

from tests.engine.literal_pulumi import CHECKOUT, Pulumi
from tests.engine.local_stack import LocalStack, changes

pytestmark = pytest.mark.engine

QUALIFIED = "organization/dstack-images/local"
READER = """import pulumi

contract = pulumi.StackReference("organization/dstack-images/local").require_output("contract")
images = contract.apply(lambda whole: whole["releases"][0]["images"])
pulumi.export("names", images.apply(lambda images: [one["name"] for one in images]))
"""


@pytest.fixture
def private_files() -> Iterator[None]:
    """What is made is for its owner only, as some have it in their shell."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def path_without_git(folder: Path) -> str:
    """Where git is, everything else of that place."""
    folders: list[str] = []
    for number, place in enumerate(os.environ["PATH"].split(os.pathsep)):
        if not Path(place, "git").exists():
            folders.append(place)
            continue
        links = folder / str(number)
        links.mkdir(parents=True)
        for program in Path(place).iterdir():
            if program.name != "git":
                (links / program.name).symlink_to(program)
        folders.append(str(links))
    return os.pathsep.join(folders)


def save_as_on_windows(file: Path) -> None:
    text = file.read_text().replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())


@pytest.mark.usefixtures("private_files")
def test_bare_machine_and_a_checkout_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_without_git(tmp_path / "programs"))
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("HOME", raising=False)
    assert shutil.which("git") is None
    stack = LocalStack.open(tmp_path, "images à cuire")
    save_as_on_windows(stack.project / "Pulumi.local.yaml")
    whole = ("-C", str(stack.project))
    changing = ("--stack", QUALIFIED, "--yes", "--skip-preview")
    stack.pulumi.run(*whole, "up", *changing, cwd=tmp_path)
    assert stack.published() == ["dstack-0.14.qcow2"]
    assert content(stack)["git_commit"] is None
    monkeypatch.undo()
    stack.pulumi.preview("--expect-no-changes")


@pytest.fixture
def worktree(tmp_path: Path) -> LocalStack:
    """The stack in a linked worktree of git, on a machine whose temporary files are far away."""
    first = LocalStack.open(tmp_path)
    git(first.project, "init", "--quiet")
    git(first.project, "add", "--all")
    git(first.project, "commit", "--quiet", "--message=all")
    linked = tmp_path / "linked"
    git(first.project, "worktree", "add", "--quiet", str(linked))
    (linked / ".venv").symlink_to(CHECKOUT / ".venv")
    far = tmp_path / ("far" * 40)
    far.mkdir()
    env = {**first.pulumi.env, "TMPDIR": str(far)}
    return LocalStack(Pulumi(linked, first.pulumi.home, "local", env), first.host)


def test_other_ways_to_the_engine(worktree: LocalStack, tmp_path: Path) -> None:
    stack, pulumi = worktree, worktree.pulumi
    by_program(stack)
    assert stack.published() == ["dstack-0.14.qcow2"]
    assert content(stack)["git_commit"] == git(stack.project, "rev-parse", "HEAD")

    assert read_by_another_program(stack, tmp_path / "reader") == ["dstack-0.14"]

    stack.configure(epoch=1)
    publication = next(one["urn"] for one in pulumi.resources() if "publish" in one["urn"])
    again = pulumi.up("--refresh", "--json", "--target", publication)
    events = [json.loads(line) for line in again.stdout.splitlines()]
    (done,) = [event["summaryEvent"] for event in events if "summaryEvent" in event]
    assert (done["result"], list(done["resourceChanges"])) == ("succeeded", ["same"])
    assert stack.bakes() == 1, "what would bake is no target"
    pulumi.up("--target-replace", publication)
    assert stack.published() == ["dstack-0.14.qcow2"], "made once more, before the old one goes"

    stack.configure(epoch=None, releases=["0.14", "0.15"])
    plan = str(tmp_path / "plan.json")
    assert set(changes(pulumi.preview("--json", "--save-plan", plan))) == {"create", "same"}
    pulumi.up("--plan", plan)
    assert stack.published() == ["dstack-0.14.qcow2", "dstack-0.15.qcow2"]

    state = str(tmp_path / "state.json")
    pulumi.run("stack", "export", "--stack", "local", "--file", state)
    pulumi.run("stack", "import", "--stack", "local", "--file", state)
    pulumi.run("stack", "rename", "--stack", "local", "renamed")
    assert (stack.project / "Pulumi.renamed.yaml").exists()
    pulumi.run("preview", "--stack", "renamed", "--expect-no-changes")

    assert stack.bakes() == 1


def by_program(stack: LocalStack) -> None:
    """`up` by Pulumi's Automation API, in the checkout as it is."""
    options = automation.LocalWorkspaceOptions(env_vars=stack.pulumi.environment())
    chosen = automation.select_stack("local", work_dir=str(stack.project), opts=options)
    assert chosen.up().summary.result == "succeeded"
    assert chosen.outputs()["version"].value == "0.14"


def read_by_another_program(stack: LocalStack, folder: Path) -> list[str]:
    """Names of images, as another project reads them from the contract."""
    folder.mkdir()
    options = {"virtualenv": str(CHECKOUT / ".venv"), "toolchain": "pip"}
    runtime = {"name": "python", "options": options}
    (folder / "Pulumi.yaml").write_text(json.dumps({"name": "reader", "runtime": runtime}))
    (folder / "__main__.py").write_text(READER)
    reader = Pulumi(folder, stack.pulumi.home, "reader").init()
    reader.up()
    return reader.outputs()["names"]


def content(stack: LocalStack) -> dict[str, object]:
    """What the contract says of the first image's content."""
    return stack.pulumi.images()[0]["content"]


def git(folder: Path, *args: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    done = subprocess.run(
        ["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
