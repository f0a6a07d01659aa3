"""Failures that a test orders, and what Pulumi makes of them."""

import time

import pytest

from declared_stack import BLOCK, COPY, PARAMETER, DeclaredStack, copies
from moto_account import MotoAccount
from simulated_clouds import LOST, THROTTLED, SimulatedClouds

pytestmark = pytest.mark.engine


def test_the_one_that_failed_is_all_that_the_next_run_makes(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    for name in ("one", "two", "three"):
        stack.declare_parameter(name)
    clouds.fail("create", PARAMETER, nth=2, message="InternalError: try again")
    assert "InternalError: try again" in stack.fail()
    tried = [call.name for call in clouds.calls("create", PARAMETER)]
    failed = {"one", "two", "three"} - {record.name for record in clouds.resources(PARAMETER)}
    assert tried[1:2] == list(failed)

    clouds.forget_calls()
    stack.up()
    assert {call.name for call in clouds.calls("create")} == {"one", "two", "three"} - (
        set(tried) - failed
    )


def test_what_was_made_without_an_answer_is_not_known(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account)
    clouds.lose("create", COPY, nth=1)
    assert LOST in stack.fail()
    (orphan,) = copies(account)
    assert stack.pulumi.resources(COPY) == []
    # The name is taken now.
    assert f"already in use by AMI {orphan}" in stack.fail()


def test_throttling_and_half_made_things(stack: DeclaredStack, clouds: SimulatedClouds) -> None:
    stack.declare_parameter("token")
    clouds.throttle("create", PARAMETER, times=1)
    assert THROTTLED in stack.fail()
    clouds.half_make("create", PARAMETER, message="made, but not tagged")
    assert "made, but not tagged" in stack.fail()
    (state,) = stack.pulumi.resources(PARAMETER)
    assert (state["id"], state["initErrors"]) == ("/token", ["made, but not tagged"])

    stack.up()
    (state,) = stack.pulumi.resources(PARAMETER)
    assert "initErrors" not in state
    assert len(clouds.calls("create", PARAMETER)) == 2
    assert len(clouds.calls("update", PARAMETER)) == 1


def test_what_takes_longer_than_its_timeout_fails(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    timeouts = {"custom_timeouts": {"create": "1s"}}
    stack.declare("ec2.ImageBlockPublicAccess", "block", timeouts, state="unblocked")
    clouds.delay("create", BLOCK, seconds=60)
    started = time.monotonic()
    assert "timeout while waiting for completion (timeout: 1s)" in stack.fail()
    assert time.monotonic() - started < 30
