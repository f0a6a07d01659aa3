"""What Pulumi makes in the simulated AWS is in the account that boto3 sees, and goes again."""

import pytest

from declared_stack import BLOCK, COPY, REGION, DeclaredStack, copies
from moto_account import ACCOUNT_ID, MotoAccount
from simulated_clouds import SimulatedClouds

pytestmark = pytest.mark.engine


def test_an_image_is_copied_published_changed_replaced_and_removed(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account, tags={"release": "0.14"})
    stack.declare(
        "ec2.AmiLaunchPermission",
        "public",
        image_id={"output": "copy.id"},
        group="all",
        region=REGION,
    )
    stack.declare("s3.Bucket", "logs")
    stack.declare("ec2.ImageBlockPublicAccess", "block", state="unblocked")
    first = stack.up()["copy"]

    image = copies(account)[first]
    assert (image["Name"], image["Public"]) == ("dstack-0.14", True)
    assert image["Tags"] == [{"Key": "release", "Value": "0.14"}]
    (state,) = stack.pulumi.resources(COPY)
    snapshot = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    assert state["outputs"]["rootSnapshotId"] == snapshot
    assert state["outputs"]["ownerId"] == ACCOUNT_ID
    (block,) = clouds.resources(BLOCK)
    assert (block.id, block.outputs["state"]) == ("us-east-1", "unblocked")
    assert stack.unchanged()

    # In place.
    stack.declare_copy(account, tags={"release": "0.14", "stable": "yes"})
    assert stack.up()["copy"] == first
    assert len(copies(account)[first]["Tags"]) == 2
    assert len(clouds.calls("update", COPY)) == 1

    # A name that Pulumi did not make up can only be taken over from the one that is gone.
    stack.declare_copy(account, source_ami_id="ami-0240400000000001a")
    second = stack.up()["copy"]
    assert list(copies(account)) == [second] != [first]
    assert [call.operation for call in clouds.calls(kind=COPY)][-2:] == ["delete", "create"]
    assert copies(account)[second]["Public"]

    stack.pulumi.destroy()
    assert copies(account) == {}
    ec2 = account.client("ec2", REGION)
    assert ec2.describe_snapshots(OwnerIds=[ACCOUNT_ID])["Snapshots"] == []
    assert clouds.resources() == []


def test_a_preview_makes_nothing_and_knows_what_it_cannot_know(
    stack: DeclaredStack, account: MotoAccount, clouds: SimulatedClouds
) -> None:
    stack.declare_copy(account)
    stack.declare("ec2.Tag", "tag", resource_id={"output": "copy.id"}, key="a", value="b")
    shown = stack.preview().output
    assert "copy: [unknown]" in shown
    assert "resourceId: [unknown]" in shown
    assert '"dstack-0.14"' in shown
    assert copies(account) == {}
    assert clouds.calls("create") == []
    assert [call.name for call in clouds.calls("create", preview=True)] == ["copy", "tag"]


def test_what_has_no_name_gets_one_and_keeps_it(stack: DeclaredStack, account: MotoAccount) -> None:
    stack.declare("s3.Bucket", "logs", tags={"a": "b"})
    first = stack.up()["logs"]
    assert first.startswith("logs-")
    stack.declare("s3.Bucket", "logs", tags={"a": "c"})
    assert stack.up()["logs"] == first

    s3 = account.client("s3")
    s3.put_object(Bucket=first, Key="log", Body=b"")
    refused = stack.pulumi.destroy(check=False)
    assert "BucketNotEmpty" in refused.output
    stack.declare("s3.Bucket", "logs", force_destroy=True)
    stack.up()
    stack.pulumi.destroy()
    assert s3.list_buckets()["Buckets"] == []


def test_ignored_changes_and_secrets(stack: DeclaredStack, account: MotoAccount) -> None:
    ignoring = {"ignore_changes": ["description"]}
    given = {"name": "/token", "type": "String", "value": {"secret": "hush"}}
    stack.declare("ssm.Parameter", "token", ignoring, **given, description="one")
    stack.up()
    assert account.client("ssm").get_parameter(Name="/token")["Parameter"]["Value"] == "hush"
    state = (stack.pulumi.home / "state").rglob("*.json")
    assert not any("hush" in file.read_text() for file in state if file.is_file())
    stack.declare("ssm.Parameter", "token", ignoring, **given, description="two")
    assert stack.unchanged()


def test_default_tags_of_a_provider(stack: DeclaredStack, account: MotoAccount) -> None:
    provider = {"region": REGION, "endpoints": account.endpoints}
    stack.declare("Provider", "tagged", **provider, default_tags={"tags": {"by": "dstack"}})
    stack.declare("ec2.Vpc", "vpc", {"provider": "tagged"}, cidr_block="10.0.0.0/16")
    vpc = stack.up()["vpc"]
    (found,) = account.client("ec2", REGION).describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert found["Tags"] == [{"Key": "by", "Value": "dstack"}]
    (state,) = stack.pulumi.resources("aws:ec2/vpc:Vpc")
    assert state["outputs"]["tags"] == {}
    assert state["outputs"]["tagsAll"] == {"by": "dstack"}
