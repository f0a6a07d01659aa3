"""Which lock a job lifts after `pulumi up`: its own and nobody else's."""

import pytest

from tests.workflows import test_workflow_jobs
from tests.workflows.hosted_runner import Runner
from tests.workflows.workflow_files import job

pytestmark = pytest.mark.unit

runner = test_workflow_jobs.runner


def test_the_lock_of_a_killed_run_is_lifted(runner: Runner) -> None:
    runner.answer("pulumi up", "Updating (prod):\n + command:local:Command creating\n", 137)
    runner.run(job("prod", "up"))
    assert runner.calls[-2:] == [
        "pulumi cancel --stack prod --yes --non-interactive",
        "ops sweep --stack prod --run github-prod --yes",
    ]


def test_a_run_that_never_began_lifts_nothing(runner: Runner) -> None:
    runner.answer("pulumi stack select", "", 1)
    runner.run(job("staging", "up"))
    assert not [call for call in runner.calls if "cancel" in call]


@pytest.mark.parametrize(
    "told",
    [
        "error: the stack is currently locked by 1 lock(s). Either wait",
        "error: [409] Conflict: Another update is currently in progress.",
    ],
)
def test_somebody_elses_lock_is_left_alone(runner: Runner, told: str) -> None:
    runner.answer("pulumi up", told, 255)
    runner.run(job("prod", "up"))
    assert not [call for call in runner.calls if "cancel" in call]
    assert "another run holds the lock of prod" in runner.said


@pytest.mark.parametrize(
    "told",
    [
        "error: getting secrets manager: operation error KMS: Decrypt, https response error 400",
        "error: could not load plugin for language runtime: python",
        "error: failed to load checkpoint: blob (key .pulumi/stacks/x.json) (code=Unknown)",
    ],
)
def test_what_ended_before_it_held_the_lock_lifts_no_lock(runner: Runner, told: str) -> None:
    """`pulumi cancel` deletes every lock of the stack, whosesoever they are
    (`CancelCurrentUpdate`, `pkg/backend/diy/backend.go`), and `up` may fail before it locks. What
    says that it has locked is `Updating (`, which `apply` prints once `Lock` has returned."""
    runner.answer("pulumi up", f"{told}\n", 255)
    runner.run(job("prod", "up"))
    assert not [call for call in runner.calls if "cancel" in call]
    assert "has never held the lock of prod" in runner.said
