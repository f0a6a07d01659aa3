"""The workflow for dstack's repository: one line, one pull request, as often as it is started."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.stack_contracts import in_review
from tests.workflows.test_workflow_jobs import prepare
from tests.workflows.workflow_files import PROJECT, job

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner
JOB = job("use-vm-images", "pull-request")
BRANCH = "vm-images-0.15"
OLD, NEW = (f'__version__ = "0.0.0"\nvm_base_image = "{version}"\n' for version in ("0.14", "0.15"))
_GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")


class Dstack:
    """dstack's repository at GitHub, and runs of the workflow there, each in a new checkout."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        prepare(runner, JOB)
        (runner.folder / "bin" / "git").unlink()
        self._origin = runner.folder / "origin.git"
        self._state = runner.folder / "pull-requests.json"
        self.write(open={}, allowed=True)
        other = (runner.folder / "bin" / "gh").read_text().partition("\n")[2]
        fake = PROJECT / "tests" / "workflows" / "fake_pull_requests.py"
        runner.program(
            "gh",
            f"#!/usr/bin/env bash\nexport PULL_REQUESTS={self._state}\n"
            f'[[ $1 != pr ]] || exec {sys.executable} {fake} "$@"\n{other}',
        )
        self.git("init", "--quiet", "--bare", "--initial-branch=master", self._origin)
        self.git("init", "--quiet", "--initial-branch=master")
        self.git("remote", "add", "origin", self._origin)
        self.commit(OLD)

    def git(self, *words: str | Path) -> str:
        done = subprocess.run(
            [*_GIT, *words], cwd=self.runner.checkout, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, text: str) -> None:
        """Makes that master's version.py."""
        (self.runner.checkout / "src" / "dstack" / "version.py").write_text(text)
        self.git("add", "src")
        self.git("commit", "--quiet", "--message", "version")
        self.git("push", "--quiet", "origin", "HEAD:master")

    def write(self, **state: Any) -> None:
        self._state.write_text(json.dumps(state))

    @property
    def open(self) -> dict[str, Any]:
        return json.loads(self._state.read_text())["open"]

    def branch(self) -> list[str]:
        """Subjects of its commits, the newest first, and what version.py is there."""
        self.git("fetch", "--quiet", "origin", BRANCH)
        subjects = self.git("log", "--format=%s", "FETCH_HEAD").splitlines()
        return [*subjects, self.git("show", "FETCH_HEAD:src/dstack/version.py")]

    def run(self) -> None:
        """Once more, from master as it is."""
        runner = self.runner
        self.git("fetch", "--quiet", "origin", "master")
        self.git("checkout", "--quiet", "--force", "-B", "master", "FETCH_HEAD")
        for line in self.git("branch", "--format=%(refname:short)").split():
            if line != "master":
                self.git("branch", "--quiet", "-D", line)
        images = runner.folder / "temp" / "images"
        if images.exists():
            for file in images.iterdir():
                file.unlink()
            images.rmdir()
        runner.begin()
        runner.run(JOB)


@pytest.fixture
def dstack(runner: Runner) -> Dstack:
    return Dstack(runner)


def test_a_pull_request_changes_one_line(dstack: Dstack) -> None:
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert dstack.branch() == ["Use VM images 0.15", "version", NEW]
    assert dstack.open == {BRANCH: {"title": "Use VM images 0.15", "body": "What changed.\n"}}


def test_a_run_after_one_that_could_open_none_opens_it(dstack: Dstack) -> None:
    dstack.write(open={}, allowed=False)
    dstack.run()
    assert dstack.runner.failed
    told = dstack.runner.said
    assert "Allow GitHub Actions to create and approve pull requests" in told
    assert f"compare/{BRANCH}" in told, "or by hand, since the branch is there"
    dstack.write(open={}, allowed=True)
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert list(dstack.open) == [BRANCH]


def test_an_open_pull_request_keeps_its_commits_and_gets_the_notes(dstack: Dstack) -> None:
    dstack.run()
    dstack.git("commit", "--quiet", "--allow-empty", "--message", "somebody's")
    dstack.git("push", "--quiet", "origin", f"HEAD:{BRANCH}")
    dstack.write(open={BRANCH: {"title": "Use VM images 0.15", "body": "Old."}}, allowed=True)
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert dstack.branch()[0] == "somebody's"
    assert dstack.open[BRANCH]["body"] == "What changed.\n"


def test_a_branch_that_was_left_is_made_anew(dstack: Dstack) -> None:
    dstack.run()
    dstack.write(open={}, allowed=True)
    dstack.commit(f"# moved\n{OLD}")
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert dstack.branch()[-1] == f"# moved\n{NEW}"
    assert list(dstack.open) == [BRANCH]


def test_a_forks_branch_of_that_name_is_not_ours(dstack: Dstack) -> None:
    dstack.write(open={BRANCH: {"title": "x", "body": "x", "fork": True}}, allowed=True)
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert dstack.open[BRANCH]["title"] == "Use VM images 0.15"


def test_nothing_to_change_is_told_and_no_error(dstack: Dstack) -> None:
    dstack.commit(NEW)
    dstack.run()
    assert not dstack.runner.failed, dstack.runner.said
    assert "version.py of this branch says 0.15 already" in dstack.runner.said
    assert dstack.open == {}


def test_a_release_that_is_not_there_is_told(dstack: Dstack) -> None:
    dstack.runner.answer("gh release download", "", 1)
    dstack.run()
    assert dstack.runner.failed
    assert "dstackai/dstack-images has no release vm-0.15" in dstack.runner.said
    assert dstack.open == {}


def test_a_contract_whose_current_release_is_another_says_which(runner: Runner) -> None:
    runner.answer("pulumi stack output", in_review(before=True))
    dstack = Dstack(runner)
    dstack.run()
    assert runner.failed
    assert "the current release of this contract is 0.14, and not 0.15" in runner.said
    assert dstack.open == {}
