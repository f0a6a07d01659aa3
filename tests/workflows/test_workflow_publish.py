"""What `tools/workflow/publish` leaves in a repository, also where GitHub refuses or a job ends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.workflow_files import PROJECT

pytestmark = pytest.mark.unit

_GH = PROJECT / "tests" / "workflows" / "fake_gh.py"
FILES = ["contract.json", "notes.md"]
PUBLISHED = {"draft": False, "assets": FILES, "notes": "What changed.\n"}


class Repository:
    """GitHub's side of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "github.json"
        self.write(tags={}, releases={})
        gh = folder / "gh"
        gh.write_text(f'#!/bin/sh\nexec {sys.executable} {_GH} "$@"\n')
        gh.chmod(0o755)
        (folder / "release").mkdir()
        (folder / "release" / "contract.json").write_text("{}\n")
        (folder / "release" / "notes.md").write_text("What changed.\n")

    @property
    def state(self) -> dict[str, Any]:
        return json.loads(self._file.read_text())

    def write(self, **state: Any) -> None:
        self._file.write_text(json.dumps(state))

    def publish(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(PROJECT / "tools" / "workflow" / "publish"), "vm-0.15", "release"],
            cwd=self._folder,
            env={
                "PATH": f"{self._folder}:{os.environ['PATH']}",
                "GITHUB_STATE": str(self._file),
                "GITHUB_SHA": "0123abcd",
                "GITHUB_REPOSITORY": "dstackai/dstack-images",
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_workflows_that_changed_meanwhile_do_not_keep_a_release_back(
    repository: Repository,
) -> None:
    repository.write(tags={}, releases={}, workflows_differ=True)
    done = repository.publish()
    assert done.returncode == 0, done.stderr
    assert repository.state["tags"] == {"vm-0.15": "0123abcd"}
    assert repository.state["releases"] == {"vm-0.15": PUBLISHED}


def test_a_release_cut_off_while_uploading_is_published_by_the_repeat(
    repository: Repository,
) -> None:
    repository.write(tags={}, releases={}, cut_off=True)
    assert repository.publish().returncode != 0
    assert repository.state["releases"]["vm-0.15"]["draft"]
    done = repository.publish()
    assert done.returncode == 0, done.stderr
    assert repository.state["releases"] == {"vm-0.15": PUBLISHED}


def test_a_tag_that_is_refused_is_left_to_a_person(repository: Repository) -> None:
    repository.write(tags={}, releases={}, workflows_differ=True, tags_refused=True)
    done = repository.publish()
    assert done.returncode != 0
    assert "git push origin 0123abcd:refs/tags/vm-0.15" in done.stderr
    assert repository.state["releases"] == {}
    repository.write(tags={"vm-0.15": "0123abcd"}, releases={}, tags_refused=True)
    assert repository.publish().returncode == 0
    assert repository.state["releases"] == {"vm-0.15": PUBLISHED}


def test_a_release_that_is_there_keeps_its_tag(repository: Repository) -> None:
    old = {"draft": False, "assets": FILES, "notes": "Old."}
    repository.write(tags={"vm-0.15": "fedc"}, releases={"vm-0.15": old})
    done = repository.publish()
    assert done.returncode == 0, done.stderr
    assert repository.state["tags"] == {"vm-0.15": "fedc"}
    assert repository.state["releases"] == {"vm-0.15": PUBLISHED}
