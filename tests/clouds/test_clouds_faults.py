"""Failures that a test orders, and what Pulumi makes of them."""

import pytest

from tests.clouds.declared_stack import PARAMETER, DeclaredStack
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.pulumi.simulated_clouds import LOST, THROTTLED, SimulatedClouds

pytestmark = pytest.mark.engine


def test_the_next_run_makes_just_the_one_that_failed(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    names = {"one", "two", "three"}
    for name in names:
        stack.declare_parameter(name)
    # Which of them comes second is not said.
    clouds.fail("create", PARAMETER, nth=2, message=THROTTLED)
    assert THROTTLED in stack.fail()
    failed = clouds.calls("create", PARAMETER)[1].name
    made = set(stack.state())
    assert failed not in made

    clouds.half_make("create", PARAMETER, failed, message="made, but not tagged")
    clouds.forget_calls()
    assert "made, but not tagged" in stack.fail()
    assert stack.state()[failed]["initErrors"] == ["made, but not tagged"]

    stack.pulumi.up()
    assert {call.name for call in clouds.calls("create")} == names - made
    assert [call.name for call in clouds.calls("update")] == [failed]
    assert set(stack.state()) == names
    assert "initErrors" not in stack.state()[failed]


def test_what_was_made_without_an_answer_is_not_known(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_parameter("token")
    clouds.lose("create", PARAMETER, nth=1)
    assert LOST in stack.fail()
    assert account.client("ssm").get_parameter(Name="/token")
    assert stack.state() == {}
    # The name is taken now.
    assert "operation error PutParameter, api error ParameterAlreadyExists" in stack.fail()


def test_what_takes_longer_than_its_timeout_fails(
    stack: DeclaredStack, clouds: SimulatedClouds
) -> None:
    options = {"custom_timeouts": {"create": "1s"}}
    stack.declare("ssm.Parameter", "slow", options, type="String", value="x")
    # Longer than a test may take: only the limit ends it.
    clouds.delay("create", PARAMETER, seconds=3600)
    assert "timeout while waiting for completion (timeout: 1s)" in stack.fail()
