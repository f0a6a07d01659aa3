"""What IAM's documents are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from images.tags import STACK

Condition = dict[str, dict[str, str | list[str]]]


class Statement(TypedDict):
    """What is allowed or denied. `Sid` says what for."""

    Sid: str
    Effect: Literal["Allow", "Deny"]
    Principal: NotRequired[str | dict[str, str]]
    Action: list[str]
    Resource: NotRequired[list[str]]
    Condition: NotRequired[Condition]


class Document(TypedDict):
    """A policy."""

    Version: Literal["2012-10-17"]
    Statement: list[Statement]


@dataclass(frozen=True)
class Scope:
    """What the permissions of a stack end at.

    `regions` are those it publishes in. `security_group` and `key_pair` are the configured ones;
    those that Packer makes for a run are known by their tags. `parameters` is the prefix of
    Systems Manager's parameters that name the current images.
    """

    stack: str
    account: str
    home_region: str
    regions: Sequence[str]
    bucket: str
    public: bool
    parameters: str | None = None
    security_group: str | None = None
    key_pair: str | None = None

    def at_home(self, *resources: str) -> list[str]:
        """ARNs in the home region of what belongs to the account."""
        return [f"arn:aws:ec2:{self.home_region}:{self.account}:{each}" for each in resources]


#: Images and snapshots have no account in their ARNs; the region is a condition.
IMAGES = "arn:aws:ec2:*::image/*"
SNAPSHOTS = "arn:aws:ec2:*::snapshot/*"


def allow(sid: str, actions: list[str], resources: list[str], *when: Condition) -> Statement:
    """All conditions must hold: those of one operator are put together."""
    together: Condition = {}
    for condition in when:
        for operator, keys in condition.items():
            together.setdefault(operator, {}).update(keys)
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": resources,
    }
    if together:
        statement["Condition"] = together
    return statement


def in_home_region(scope: Scope) -> Condition:
    """The call goes to the home region."""
    return {"StringEquals": {"aws:RequestedRegion": scope.home_region}}


def owned(scope: Scope) -> Condition:
    """What it is about is the stack's already."""
    return {"StringEquals": {f"aws:ResourceTag/{STACK}": scope.stack}}


def unowned() -> Condition:
    """What it is about is no stack's yet."""
    return {"Null": {f"aws:ResourceTag/{STACK}": "true"}}


def copied() -> Condition:
    """It is a snapshot that is a copy: EC2 says of these that they are of a volume that there is
    not ("CopySnapshot", Amazon EC2 API Reference: an arbitrary one). It has been `vol-ffffffff`.
    """
    return {"ArnLike": {"ec2:ParentVolume": "arn:aws:ec2:*:*:volume/vol-ffff*"}}


def marked(scope: Scope) -> Condition:
    """The request marks it as the stack's."""
    return {"StringEquals": {f"aws:RequestTag/{STACK}": scope.stack}}


def marked_if_at_all(scope: Scope) -> Condition:
    """The request does not mark it as another's."""
    return {"StringEqualsIfExists": {f"aws:RequestTag/{STACK}": scope.stack}}


def only_tags(*patterns: str) -> Condition:
    """The request names these tags and no others. All of no tags would be true as well."""
    return {
        "ForAllValues:StringLike": {"aws:TagKeys": list(patterns)},
        "Null": {"aws:TagKeys": "false"},
    }
