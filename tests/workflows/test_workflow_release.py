"""What becomes a release: documents, notes, attestations, also where some of it is nowhere."""

import json

import pytest

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.stack_contracts import aws, of_releases
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


#: Of the runs of one workflow: the newest has nothing yet, one is of another release.
_RUNS = [
    {"databaseId": 104, "displayTitle": "VM images 0.15"},
    {"databaseId": 103, "displayTitle": "VM images 0.16"},
    {"databaseId": 102, "displayTitle": "VM images 0.15"},
    {"databaseId": 101, "displayTitle": "VM images 0.15"},
]
#: As `gh` does: an artifact that has expired is none (cli/cli, `pkg/cmd/run/download/download.go`),
#: and `release download` fails where no file has the pattern.
_DOWNLOADS = """
case "$1 $2 $3" in
"run download 104") mkdir -p "${@: -1}" && touch "${@: -1}/contract.json" ;;
"run download 102") mkdir -p "${@: -1}" && touch "${@: -1}/dstack-bake-cpu-aaaaaaaaaaaa.json" ;;
"release download vm-0.14") mkdir -p "${@: -1}" && touch "${@: -1}/dstack-bake-0.14.json" ;;
*download*) echo "no valid artifacts found to download" >&2; exit 1 ;;
esac
exit 0
"""


def test_documents_whose_bucket_is_gone_are_those_of_earlier_runs_and_releases(
    runner: Runner,
) -> None:
    """Of a release that Oracle reviewed for weeks, and of the releases before it."""
    gh = (runner.folder / "bin" / "gh").read_text()
    runner.program("gh", gh.replace("exit 0", _DOWNLOADS))
    runner.answer("gh run list", json.dumps(_RUNS))
    releases = {each: [aws(each)] for each in ("0.13", "0.14", "0.15")}
    runner.answer("pulumi stack output", of_releases(**releases).model_dump_json())
    one = job("prod", "check")
    prepare(runner, one)
    runner.run(one)
    assert not runner.failed, runner.said
    earlier = runner.folder / "temp" / "earlier"
    assert {str(file.relative_to(earlier)) for file in earlier.rglob("*.json")} == {
        "0.14/dstack-bake-0.14.json",
        "102/dstack-bake-cpu-aaaaaaaaaaaa.json",
        "104/contract.json",
    }
    assert "vm-0.13 has no documents of bakes" in runner.said
    assert runner.calls[-1].endswith(f"--also {earlier}")


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
