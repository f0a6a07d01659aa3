"""A refresh sees what happened behind Pulumi's back."""

import pytest

from declared_stack import BLOCK, REGION, DeclaredStack, copies
from moto_account import MotoAccount
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_what_was_removed_is_made_again_and_what_was_changed_changed_back(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account)
    stack.declare("s3.Bucket", "logs", tags={"a": "b"})
    stack.declare("ec2.ImageBlockPublicAccess", "changed", state="unblocked")
    stack.declare("ec2.ImageBlockPublicAccess", "gone", state="unblocked", region=REGION)
    stack.pulumi.up()

    account.client("ec2", REGION).deregister_image(ImageId=stack.id("copy"))
    s3, bucket = account.client("s3"), stack.id("logs")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "x"}]})
    clouds.change(BLOCK, "changed", state="block-new-sharing")
    clouds.forget(BLOCK, "gone")

    refreshed = stack.pulumi.refresh().output
    assert "2 deleted" in refreshed
    assert "2 updated" in refreshed
    assert sorted(stack.state()) == ["changed", "logs"]

    clouds.forget_calls()
    stack.pulumi.up()
    assert list(copies(account)) == [stack.id("copy")]
    assert sorted(call.name for call in clouds.calls("create")) == ["copy", "gone"]
    assert sorted(call.name for call in clouds.calls("update")) == ["changed", "logs"]
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
