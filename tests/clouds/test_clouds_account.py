"""Every type that moto backs, in one stack; and what happens behind Pulumi's back."""

from collections.abc import Callable

import pytest

from tests.clouds.declared_stack import BLOCK, REGION, DeclaredStack, copies
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.aws.provider.cloud import MODELS
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_all_is_found_as_it_was_made_but_for_what_drifted(
    make_stack: Callable[[str], DeclaredStack], account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack = make_stack("wide")
    stack.pulumi.up()
    made = clouds.resources()
    assert {record.kind for record in made} == {*MODELS, BLOCK}
    ec2, s3 = account.client("ec2"), account.client("s3")
    of_vpc = [{"Name": "vpc-id", "Values": [stack.id("vpc")]}]
    (subnet,) = ec2.describe_subnets(Filters=of_vpc)["Subnets"]
    assert subnet["Tags"] == [{"Key": "Owner", "Value": "dstack"}]

    account.client("ec2", REGION).deregister_image(ImageId=stack.id("copy"))
    bucket = stack.id("bucket")
    s3.put_object(Bucket=bucket, Key="log", Body=b"")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "x"}]})
    clouds.change(BLOCK, "changed", state="block-new-sharing")
    clouds.forget(BLOCK, "gone")
    refreshed = stack.pulumi.refresh().output
    # With the copy goes who may launch it.
    assert "3 deleted" in refreshed
    assert "2 updated" in refreshed

    clouds.forget_calls()
    stack.pulumi.up()
    assert sorted(call.name for call in clouds.calls("create")) == ["copy", "gone", "public"]
    assert sorted(call.name for call in clouds.calls("update")) == ["bucket", "changed"]
    assert list(copies(account)) == [stack.id("copy")]
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]

    # With its content, for it may.
    stack.pulumi.destroy()
    assert s3.list_buckets()["Buckets"] == []
    assert ec2.describe_subnets(Filters=of_vpc)["Subnets"] == []
    assert account.client("iam").list_roles()["Roles"] == []
    assert clouds.resources() == []
