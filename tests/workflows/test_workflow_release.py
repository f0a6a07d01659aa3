"""What becomes a release: documents, notes, attestations, also where some of it is nowhere."""

import pytest

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.test_workflow_jobs import prepare
from tests.workflows.workflow_files import job

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner


def test_a_release_that_is_there_gets_its_files_anew(runner: Runner) -> None:
    runner.answer("gh release view", "vm-0.15")
    one = job("prod", "release")
    prepare(runner, one)
    runner.run(one)
    assert [call.split()[2] for call in runner.calls[-3:]] == ["view", "upload", "edit"]
    assert (runner.checkout / "release" / "bakes.sha256").read_text() == (
        f"{'a' * 64}  dstack-bake-cpu-aaaaaaaaaaaa\n{'b' * 64}  dstack-bake-cuda-bbbbbbbbbbbb\n"
    )


def test_a_release_before_without_bills_of_materials_is_compared_all_the_same(
    runner: Runner,
) -> None:
    runner.program(
        "gh",
        (runner.folder / "bin" / "gh")
        .read_text()
        .replace("exit 0", '[[ "$*" != *--pattern*spdx* ]]'),
    )
    one = job("prod", "release")
    prepare(runner, one)
    runner.run(one)
    assert not runner.failed, runner.said
    assert "vm-0.14 has no bills of materials" in runner.said
    assert [call for call in runner.calls if call.startswith("ops diff")]


def test_a_document_that_is_nowhere_is_told_and_stops_no_release(runner: Runner) -> None:
    runner.answer("ops fetch", "missing: the bill of materials of x in aws\n", 3)
    one = job("prod", "check")
    prepare(runner, one)
    runner.run(one)
    assert not runner.failed
    assert "missing: the bill of materials of x in aws" in runner.summary


def test_every_file_of_a_release_is_attested() -> None:
    attested = [
        step.body["with"]["subject-path"]
        for step in job("prod", "release").steps
        if "subject-path" in step.body.get("with", {})
    ]
    assert attested == ["release/*.*"], "its patterns are those of `find` with a dot in the name"


def test_a_first_release_has_nothing_to_compare_with(runner: Runner) -> None:
    runner.answer("gh release list", "")
    one = job("prod", "release")
    prepare(runner, one)
    runner.run(one)
    assert not [call for call in runner.calls if call.startswith("ops diff")]
    assert (runner.checkout / "release" / "notes.md").read_text() == "The first release.\n"
