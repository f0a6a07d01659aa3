"""What a run of staging was publishing when its runner was lost: in no state, and in no way out.

Pulumi notes a create that it has begun as a pending operation, which `pulumi cancel` and `destroy`
forget without a call (`pkg/resource/deploy`: "interrupted while creating").
"""

from pathlib import Path
from typing import Any

import boto3
import pytest

from images.labels import label
from images.tags import BAKE, RELEASE, STACK
from ops.__main__ import main
from tests.fakes.aws_content import amis, make_ami
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP
from tests.fakes.stack_files import write_stack
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import BAKES

pytestmark = pytest.mark.unit

folder, server, project = bakes_in_clouds.folder, bakes_in_clouds.server, bakes_in_clouds.project

NAME = "stgn-7-dstack-0.15"


def tags(stack: str = "stgn-7", release: str = "0.15") -> dict[str, str]:
    return {STACK: stack, RELEASE: release, BAKE: BAKES[0]}


def unpublish(*more: str, stack: str = "stgn-7") -> int:
    return main(["unpublish", "-s", stack, *more])


def test_amis_go_with_their_snapshots_in_all_regions(
    ec2: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "stgn-7", {"aws": {}}, prefix="stgn-0-")
    other: Any = boto3.client("ec2", region_name="us-east-1")
    left = make_ami(other, NAME, tags())
    (image,) = other.describe_images(ImageIds=[left])["Images"]
    snapshots = [one["Ebs"]["SnapshotId"] for one in image["BlockDeviceMappings"]]
    # Of another run, of staging itself, of prod; content; and what a person has copied tags onto.
    make_ami(other, "stgn-70-dstack-0.15", tags("stgn-70"))
    make_ami(ec2, "stgn-0-dstack-0.15", tags("staging"))
    make_ami(ec2, "dstack-0.15", tags("prod"))
    make_ami(ec2, BAKES[0], {STACK: "stgn-7", BAKE: BAKES[0]})
    make_ami(ec2, "mine", tags())
    before = amis(ec2), amis(other)
    assert unpublish() == 0
    assert f"would remove {NAME} in us-east-1 ({left})" in capsys.readouterr().out
    assert (amis(ec2), amis(other)) == before
    assert unpublish("--yes") == 0
    told = capsys.readouterr().out
    assert told.splitlines() == [f"removed {NAME} in us-east-1 ({left})"]
    assert (amis(ec2), amis(other)) == (before[0], [ami for ami in before[1] if ami != left])
    kept = {one["SnapshotId"] for one in other.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    assert snapshots
    assert not kept & set(snapshots), "EC2 would charge for them"
    assert unpublish("--yes") == 0
    assert "nothing is published by stgn-7" in capsys.readouterr().out


def test_images_of_a_project_go(project: GcpProject, folder: Path) -> None:
    write_stack(folder, "stgn-7", {"gcp": {"endpoint": project.address}}, prefix="stgn-0-")
    before = set(project.images())
    for stack in ("stgn-7", "stgn-8"):
        labels = {key: label(value) for key, value in tags(stack).items()}
        project.add_image(f"{stack}-dstack-0-15", labels=labels)
    assert unpublish("--yes") == 0
    assert set(project.images()) == {*before, "stgn-8-dstack-0-15"}


def test_managed_images_of_a_group_go(
    subscription: AzureSubscription, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    groups = {"packerGroup": GROUP, "buildGroup": BUILD_GROUP, "resourceGroup": "published"}
    endpoint = {"endpoint": subscription.address}
    write_stack(folder, "stgn-7", {"azure": {**groups, **endpoint}}, prefix="stgn-0-")
    subscription.add_group("published")
    subscription.add_image(GROUP, BAKES[0], **{STACK: "stgn-7"})
    for name, stack in ((NAME, "stgn-7"), ("stgn-0-dstack-0.15", "staging")):
        subscription.add_image("published", name, **tags(stack))
    assert unpublish("--yes") == 0
    assert set(subscription.images("published")) == {"stgn-0-dstack-0.15"}
    assert set(subscription.images(GROUP)) == {BAKES[0]}


@pytest.mark.parametrize("stack", ["staging", "prod", "stgn-7-mine", "my-stgn-7", "stgn-"])
def test_no_other_stack_loses_anything(
    ec2: Any, folder: Path, capsys: pytest.CaptureFixture[str], stack: str
) -> None:
    write_stack(folder, stack, {"aws": {}})
    make_ami(ec2, f"{stack}-dstack-0.15", tags(stack))
    before = amis(ec2)
    assert unpublish("--yes", stack=stack) == 1
    assert f"{stack} is no stack of a staging run" in capsys.readouterr().err
    assert amis(ec2) == before


def test_a_cloud_that_cannot_be_asked_keeps_nobody_from_the_others(
    ec2: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    write_stack(folder, "stgn-7", {"azure": {}, "aws": {}})
    make_ami(ec2, NAME, tags())
    before = amis(ec2)
    assert unpublish("--yes") == 1, "so that the next night looks again"
    assert "azure: no subscription of Azure is chosen" in capsys.readouterr().out
    assert len(amis(ec2)) == len(before) - 1
