"""What Pulumi makes in the simulated AWS is in the account that boto3 sees, and goes again."""

import pytest

from tests.clouds.declared_stack import BLOCK, COPY, REGION, DeclaredStack, copies
from tests.simulators.aws.moto_account import ACCOUNT_ID, MotoAccount
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_an_image_is_previewed_copied_published_replaced_and_removed(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    of_copy = {"image_id": {"output": "copy.id"}, "region": REGION}
    stack.declare_copy(account, tags={"release": "0.14"})
    stack.declare("ec2.AmiLaunchPermission", "public", **of_copy, group="all")
    stack.declare("ec2.ImageBlockPublicAccess", "block", state="unblocked")
    stack.declare("s3.Bucket", "logs", tags={"a": "b"})

    shown = stack.pulumi.preview("--diff").output
    assert "copy  : [unknown]" in shown
    assert "imageId: [unknown]" in shown
    assert '"dstack-0.14"' in shown
    assert clouds.calls("create") == []
    assert {call.name for call in clouds.calls("create", preview=True)} == set(stack.declared)
    assert copies(account) == {}

    stack.pulumi.up()
    first, bucket = stack.id("copy"), stack.id("logs")
    image = copies(account)[first]
    assert (image["Name"], image["Public"]) == ("dstack-0.14", True)
    assert image["Tags"] == [{"Key": "release", "Value": "0.14"}]
    outputs = stack.state()["copy"]["outputs"]
    assert outputs["rootSnapshotId"] == image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    assert outputs["ownerId"] == ACCOUNT_ID
    # moto does not know this one.
    (block,) = clouds.resources(BLOCK)
    assert (block.id, block.outputs["state"]) == ("us-east-1", "unblocked")
    # A name that was not given.
    assert bucket.startswith("logs-")

    stack.declare_copy(account, source_ami_id="ami-0240400000000001a")
    stack.declare("s3.Bucket", "logs", tags={"a": "c"})
    clouds.forget_calls()
    stack.pulumi.up()
    assert stack.id("logs") == bucket
    assert [call.name for call in clouds.calls("update")] == ["logs"]
    (second,) = copies(account)
    assert second == stack.id("copy") != first
    assert copies(account)[second]["Public"]
    # A name that was given is free only when the one that has it is gone.
    changes = [call.operation for call in clouds.calls(kind=COPY)]
    assert changes.index("delete") < changes.index("create")

    stack.pulumi.destroy()
    assert copies(account) == {}
    left = account.client("ec2", REGION).describe_snapshots()["Snapshots"]
    # The public images have snapshots of their own.
    assert [one for one in left if "-024040000" not in one["Description"]] == []
    assert clouds.resources() == []


def test_ignored_changes_secrets_and_the_tags_of_a_provider(
    stack: DeclaredStack, account: MotoAccount
) -> None:
    provider = {"region": REGION, "endpoints": account.endpoints}
    stack.declare("Provider", "ours", **provider, default_tags={"tags": {"by": "dstack"}})
    options = {"provider": "ours", "ignore_changes": ["description"]}
    given = {"name": "/token", "type": "String", "value": {"secret": "hush"}}
    stack.declare("ssm.Parameter", "token", options, **given, description="one")
    stack.pulumi.up()
    ssm = account.client("ssm", REGION)
    assert ssm.get_parameter(Name="/token")["Parameter"]["Value"] == "hush"
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/token")
    assert found["TagList"] == [{"Key": "by", "Value": "dstack"}]
    state = stack.state()["token"]
    assert "hush" not in str(state)
    assert state["outputs"]["tags"] == {}
    assert state["outputs"]["tagsAll"] == {"by": "dstack"}

    stack.declare("ssm.Parameter", "token", options, **given, description="two")
    stack.pulumi.preview("--expect-no-changes")
