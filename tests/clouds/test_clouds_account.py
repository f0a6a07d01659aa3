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
    stack.pulumi.up()
    kinds = {record.kind for record in clouds.resources()}
    # Images have tests of their own.
    assert {kind for kind in MODELS if "/ami" not in kind} <= kinds
    ec2, iam = account.client("ec2"), account.client("iam")
    of_vpc = [{"Name": "vpc-id", "Values": [stack.id("vpc")]}]
    (subnet,) = ec2.describe_subnets(Filters=of_vpc)["Subnets"]
    assert subnet["Tags"] == [{"Key": "Owner", "Value": "dstack"}]
    assert len(iam.list_roles()["Roles"]) == 1

    stack.pulumi.refresh("--expect-no-changes")
    stack.pulumi.destroy()
    assert clouds.resources() == []
    assert ec2.describe_subnets(Filters=of_vpc)["Subnets"] == []
    assert iam.list_roles()["Roles"] == []
