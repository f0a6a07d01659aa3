"""What the job `plan` of `prod.yml` stops at, and what it leaves to whoever approves."""

import pytest
import yaml

from ops.command import FAILED, REFUSED
from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import job

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner


def test_a_version_that_is_not_the_files_stops_the_release(runner: Runner) -> None:
    runner.expressions["inputs.image_version"] = "0.99"
    runner.run(job("prod", "plan"))
    assert runner.failed
    assert "has 0.15 as its current release, not 0.99" in runner.said
    assert not [call for call in runner.calls if "preview" in call]


def test_a_release_that_retires_is_not_the_current_one(runner: Runner) -> None:
    file = runner.checkout / "Pulumi.prod.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"]["dstack-images:releases"] = ["0.15", "0.16"]
    content["config"]["dstack-images:retiring"] = {"0.16": "2027-03-31"}
    file.write_text(yaml.safe_dump(content))
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said


def test_what_is_looked_at_before_approval_is_in_the_summary(runner: Runner) -> None:
    runner.answer("ops quota", "eu-west-1: 5 of 5 public AMIs are used\n", REFUSED)
    runner.answer("ops cost", "12 dollars\n")
    runner.run(job("prod", "plan"))
    assert runner.failed, "no quota, no release"
    assert f"**It failed, with status {REFUSED}.**" in runner.summary
    assert "5 of 5 public AMIs" in runner.summary
    assert "12 dollars" in runner.summary, "all is told at once"


def test_a_limit_that_cannot_be_read_is_for_who_approves(runner: Runner) -> None:
    """A release must not wait for the right to read a limit, nor for a cloud that is down."""
    runner.answer("ops quota", "problem: oci: these credentials may not read limits\n", FAILED)
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said
    assert "**It warns, with status 1" in runner.summary
    assert "may not read limits" in runner.summary
    assert "::warning title=Quota::" in runner.said


@pytest.mark.parametrize("status", [FAILED, REFUSED])
def test_what_nobody_has_tried_is_for_who_approves(runner: Runner, status: int) -> None:
    """A new variant is always baked by prod first; a step that was forgotten in staging is not."""
    line = "aws-cpu 0.15: will be baked, which nobody has tried: source differs"
    runner.answer("ops tested", f"{line}\n", status)
    runner.run(job("prod", "plan"))
    assert not runner.failed, runner.said
    assert line in runner.summary
    assert "::warning title=Content::read the summary before you go on" in runner.said


#: As Pulumi words it (tests/engine/test_unreached.py has the same from the real engine).
UNREACHED = """\
Diagnostics:
  pulumi:pulumi:Stack (dstack-images-prod):
    error: not reached: gcp. Nothing there is changed; the rest of the stack goes on. The reasons:
    the credentials of this environment are refused
    error: not reached: gcp, which this preview says nothing of.
    error: an unhandled error occurred: Program exited with non-zero exit code: 1
"""
ANOTHER = UNREACHED + "    error: aws:ec2/ami:Ami resource 'cpu' has a problem: Missing name\n"


@pytest.mark.parametrize(("said", "stops"), [(UNREACHED, False), (ANOTHER, True)])
def test_a_cloud_that_is_not_reached_is_for_who_approves(
    runner: Runner, said: str, stops: bool
) -> None:
    runner.answer("pulumi preview", said, 255)
    runner.run(job("prod", "plan"))
    assert runner.failed == stops, runner.said
    assert "not reached: gcp" in runner.summary
    assert ("::warning title=Preview of prod::" in runner.said) != stops


#: As the real engine has it (tests/engine/test_workflow_preview.py); the second is a new content's.
REMOVED = "- azure-native:compute:GalleryImageVersion: (delete)\n    [id=/subscriptions/s]\n"
REPLACED = "    --azure-native:compute:GalleryImageVersion: (delete-replaced)\n"
FOREIGN = "- aws:ec2/amiCopy:AmiCopy: (delete)\n    - command:local:Command: (delete)\n"


@pytest.mark.parametrize(
    ("said", "status", "failed", "warned"),
    [
        (FOREIGN + REMOVED, 0, False, True),
        (FOREIGN + REPLACED, 0, False, False),
        (REMOVED + ANOTHER, 255, True, False),
    ],
    ids=["removal", "another", "failure"],
)
def test_a_removal_from_azure_is_told_before_the_approval(
    runner: Runner, said: str, status: int, failed: bool, warned: bool
) -> None:
    """The job's identity may delete no public image there, and deletes come last in an `up`."""
    runner.answer("pulumi preview", said, status)
    runner.run(job("prod", "plan"))
    assert runner.failed == failed, runner.said
    assert ("::warning title=Preview of prod::" in runner.said) == warned
    assert ("a person runs `pulumi up -s prod` at this commit" in runner.summary) == (
        REMOVED in said
    )
