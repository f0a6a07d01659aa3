"""Every type that moto backs, in one stack."""

from collections.abc import Callable

import pytest

from aws.cloud import MODELS
from declared_stack import DeclaredStack
from moto_account import MotoAccount
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_each_type_is_made_found_as_it_was_made_and_removed(
    make_stack: Callable[[str], DeclaredStack], account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack = make_stack("wide")
    outputs = stack.up()
    kinds = {record.kind for record in clouds.resources()}
    # Images have tests of their own.
    assert {kind for kind in MODELS if "/ami" not in kind} <= kinds
    ec2 = account.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [outputs["vpc"]]}]
    (subnet,) = ec2.describe_subnets(Filters=filters)["Subnets"]
    assert subnet["Tags"] == [{"Key": "Owner", "Value": "dstack"}]
    roles = account.client("iam").list_roles()["Roles"]
    assert [role["Arn"] for role in roles] == [outputs["role"]]

    stack.pulumi.refresh("--expect-no-changes")
    stack.pulumi.destroy()
    assert clouds.resources() == []
    assert account.client("iam").list_roles()["Roles"] == []
    assert ec2.describe_subnets(Filters=filters)["Subnets"] == []
