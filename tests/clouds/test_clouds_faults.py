"""Failures that a test orders, and what Pulumi makes of them."""

import time

import pytest

from declared_stack import COPY, PARAMETER, DeclaredStack, copies
from moto_account import MotoAccount
from simulated_clouds import LOST, THROTTLED, SimulatedClouds

pytestmark = pytest.mark.engine


def test_the_next_run_makes_just_the_one_that_failed(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    names = ["one", "two", "three"]
    for name in names:
        stack.declare_parameter(name)
    # Which of them comes second is not said; that it is all the failures there are, is.
    clouds.fail("create", PARAMETER, nth=2, message="InternalError: try again")
    assert "InternalError: try again" in stack.fail()
    failed = clouds.calls("create", PARAMETER)[1].name
    made = set(stack.state())
    assert failed not in made

    clouds.forget_calls()
    stack.pulumi.up()
    assert {call.name for call in clouds.calls("create")} == set(names) - made
    assert set(stack.state()) == set(names)


def test_what_was_made_without_an_answer_is_not_known(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account)
    clouds.lose("create", COPY, nth=1)
    assert LOST in stack.fail()
    (orphan,) = copies(account)
    assert "copy" not in stack.state()
    # The name is taken now.
    output = stack.fail()
    assert "InvalidAMIName.Duplicate" in output
    assert orphan in output


def test_throttling_and_half_made_things(stack: DeclaredStack, clouds: SimulatedClouds) -> None:
    stack.declare_parameter("token")
    clouds.throttle("create", PARAMETER)
    assert THROTTLED in stack.fail()
    clouds.half_make("create", PARAMETER, message="made, but not tagged")
    assert "made, but not tagged" in stack.fail()
    assert stack.id("token") == "/token"
    assert stack.state()["token"]["initErrors"] == ["made, but not tagged"]

    stack.pulumi.up()
    assert "initErrors" not in stack.state()["token"]
    assert len(clouds.calls("create", PARAMETER)) == 2
    assert len(clouds.calls("update", PARAMETER)) == 1


def test_what_takes_longer_than_its_timeout_fails(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    options = {"custom_timeouts": {"create": "1s"}}
    stack.declare("ssm.Parameter", "slow", options, type="String", value="x")
    clouds.delay("create", PARAMETER, seconds=60)
    started = time.monotonic()
    assert "timeout while waiting for completion (timeout: 1s)" in stack.fail()
    assert time.monotonic() - started < 30
