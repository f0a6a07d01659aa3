"""A release that Oracle still reviews: what `prod.yml` says, and that it makes nothing of it."""

import json
from pathlib import Path

import pytest

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.stack_contracts import in_review, region_in_review
from tests.workflows.test_workflow_jobs import prepare
from tests.workflows.workflow_files import job
from tests.workflows.workflow_run import FAILURE, SKIPPED, SUCCESS, WorkflowRun

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner
BEFORE = pytest.mark.parametrize("before", [False, True], ids=["first", "after-another"])
MADE = ("gh release create", "gh release upload", "gh api repos", "ops publish", "ops catalog")


def publish(runner: Runner, contract: str) -> dict[str, str]:
    """How the jobs of `prod.yml` after the approval end, with this contract of the stack."""
    runner.answer("pulumi stack output", contract)
    for command in ("check", "diff", "catalog"):
        (runner.folder / "real" / command).touch()
    runner.variables["CATALOG_ENVIRONMENT"] = "catalog"
    return WorkflowRun(runner, "prod").run("up", "check", "catalog", "release").ended


def made(runner: Runner) -> list[str]:
    return [call for call in runner.calls if call.startswith(MADE)]


@BEFORE
def test_in_review_ends_well_and_says_what_to_do(runner: Runner, before: bool) -> None:
    ended = publish(runner, in_review(before=before))
    assert ended == {"up": SUCCESS, "check": SUCCESS, "catalog": SKIPPED, "release": SKIPPED}
    assert not made(runner)
    (told,) = [line for line in runner.said.splitlines() if line.startswith("::warning")]
    assert "0.15 is out on aws" in told
    assert "oci eu-milan-1: its listing is in review" in told
    assert "start prod.yml again" in told
    assert "0.15 dstack-0.15 eu-milan-1: its listing is in review" in runner.summary
    assert "start prod.yml again" in runner.summary


def test_a_region_in_review_leaves_the_release_as_it_is(runner: Runner) -> None:
    """Servers are told of it all the while; its files were made when all of it was there."""
    ended = publish(runner, region_in_review())
    assert ended == {"up": SUCCESS, "check": SUCCESS, "catalog": SKIPPED, "release": SKIPPED}
    assert not made(runner)
    (told,) = [line for line in runner.said.splitlines() if line.startswith("::warning")]
    assert "0.15 stays what servers are told of, and Oracle reviews what is new of it" in told
    assert "start prod.yml again" in told


def test_rejected_ends_badly_and_leads_to_the_page(runner: Runner) -> None:
    ended = publish(runner, in_review("rejected", before=True))
    assert ended == {"up": SUCCESS, "check": FAILURE, "catalog": SKIPPED, "release": SKIPPED}
    assert not made(runner)
    (told,) = [line for line in runner.said.splitlines() if line.startswith("::error")]
    assert "oci eu-milan-1: its listing is rejected" in told
    assert "docs/oci.md#marketplace" in told


def test_what_is_missing_elsewhere_is_no_matter_of_a_review(runner: Runner) -> None:
    ended = publish(runner, in_review(before=True, missing="it was not published there"))
    assert ended["check"] == FAILURE
    assert not made(runner)
    (told,) = [line for line in runner.said.splitlines() if line.startswith("::error")]
    assert "aws eu-west-1: it was not published there" in told


def test_a_whole_release_is_compared_with_the_one_before(runner: Runner, tmp_path: Path) -> None:
    """That of the repository had, by then, a contract of two releases too."""
    runner.answer("pulumi stack output", in_review("published", before=True))
    earlier = tmp_path / "earlier.json"
    both = json.loads(in_review(before=True))
    earlier.write_text(json.dumps(both))
    assert both["current"] == "0.14"
    gh = runner.folder / "bin" / "gh"
    copied = f'[[ "$*" != *"pattern contract.json"* ]] || cp {earlier} "${{@: -1}}/contract.json"'
    runner.program("gh", gh.read_text().replace("exit 0", copied))
    ended = publish(runner, in_review("published", before=True))
    assert set(ended.values()) == {SUCCESS}, runner.said
    notes = (runner.checkout / "release" / "notes.md").read_text()
    assert "| kernel | 6.8.0.14 | 6.8.0.15 | up |" in notes
    assert [call for call in runner.calls if call.startswith("gh release create vm-0.15")]


def test_a_newer_release_that_was_taken_back_is_not_the_one_before(runner: Runner) -> None:
    runner.answer("gh release list", "vm-0.16\nv1\nvm-0.15\nvm-0.9\nvm-0.14\n")
    one = job("prod", "release")
    prepare(runner, one)
    runner.run(one)
    assert [call.split()[3] for call in runner.calls if "--pattern contract" in call] == ["vm-0.14"]
