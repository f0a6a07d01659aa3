"""A refresh sees what happened behind Pulumi's back."""

import pytest

from declared_stack import BLOCK, COPY, REGION, DeclaredStack, copies
from moto_account import MotoAccount
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_what_was_removed_is_made_again_and_what_was_changed_changed_back(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account)
    stack.declare("s3.Bucket", "logs", tags={"a": "b"})
    stack.declare("ec2.ImageBlockPublicAccess", "block", state="unblocked")
    before = stack.up()

    account.client("ec2", REGION).deregister_image(ImageId=before["copy"])
    changed = {"TagSet": [{"Key": "a", "Value": "changed"}]}
    account.client("s3").put_bucket_tagging(Bucket=before["logs"], Tagging=changed)
    clouds.change(BLOCK, "block", state="block-new-sharing")

    refreshed = stack.pulumi.refresh().output
    assert "1 deleted" in refreshed
    assert "2 updated" in refreshed
    assert stack.pulumi.resources(COPY) == []

    clouds.forget_calls()
    after = stack.up()
    assert list(copies(account)) == [after["copy"]]
    assert [call.name for call in clouds.calls("create")] == ["copy"]
    assert sorted(call.name for call in clouds.calls("update")) == ["block", "logs"]
    tags = account.client("s3").get_bucket_tagging(Bucket=after["logs"])["TagSet"]
    assert tags == [{"Key": "a", "Value": "b"}]

    clouds.forget(BLOCK, "block")
    assert "1 deleted" in stack.pulumi.refresh().output
