"""The judge of the other tests, judged."""

from typing import Any

import pytest

from tests.simulators.aws.policy_evaluator import Unknown, allowed

pytestmark = pytest.mark.unit


def document(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    statement = {"Sid": "One", "Effect": effect, "Action": ["ec2:Stop*"], "Resource": ["arn:a/*"]}
    return {"Statement": [{**statement, **more}]}


def test_action_and_resource_must_match() -> None:
    assert allowed(document(), "ec2:stopinstances", "arn:a/i-1", {})
    assert not allowed(document(), "ec2:StartInstances", "arn:a/i-1", {})
    assert not allowed(document(), "ec2:StopInstances", "arn:b/i-1", {})


def test_denial_wins_and_silence_denies() -> None:
    both = {"Statement": document()["Statement"] + document("Deny")["Statement"]}
    assert not allowed(both, "ec2:StopInstances", "arn:a/i-1", {})
    assert not allowed({"Statement": []}, "ec2:StopInstances", "arn:a/i-1", {})


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], None, True),
        ("StringLike", "a-*", "a-b", True),
        ("StringLike", "a-?", "a-bc", False),
        ("StringLike", "a.b", "acb", False),
        ("ForAllValues:StringLike", ["a*", "b"], ["ab", "b"], True),
        ("ForAllValues:StringLike", ["a*", "b"], ["ab", "c"], False),
        ("ForAllValues:StringLike", ["a*"], None, True),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Bool", "false", "false", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", None, False),
    ],
)
def test_operators(operator: str, wanted: Any, found: Any, holds: bool) -> None:
    judged = document(Condition={operator: {"Key": wanted}})
    context = {} if found is None else {"key": found}
    assert allowed(judged, "ec2:StopInstances", "arn:a/i-1", context) is holds


@pytest.mark.parametrize(
    "more",
    [
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": "a"}}},
        {"Condition": {"StringLike": {"key": "${aws:username}"}}},
        {"NotAction": ["ec2:*"]},
    ],
)
def test_what_it_does_not_know_it_refuses_to_judge(more: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        allowed(document(**more), "ec2:StopInstances", "arn:a/i-1", {"key": "a"})
