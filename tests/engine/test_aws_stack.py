"""What only AWS has: a copy, its snapshot, and the mark that lets GitHub's role remove it."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

TAG = "aws:ec2/tag:Tag"
#: Of the account; the owners of public AMIs are others.
NUMBER = "123456789012"


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_role_gets_through_the_whole_life_of_a_copy(
    tmp_path: Path, aws: AwsWorld, warm: WarmPython, visibility: str
) -> None:
    """Made, replaced, interrupted, retired: EC2 is asked by the role each time, and no snapshot is
    left behind. The role may delete a snapshot by its mark alone, and take no mark off one."""
    staging = CloudStack.open(tmp_path, aws, warm)
    staging.configure(visibility=visibility)
    staging.configure_cloud(variants={"cpu": {}}, deprecateAfterDays=700)
    staging.up()
    staging.pulumi.env.update(aws.role_env("staging"))

    staging.edit("packer/provision/docker.sh")
    staging.up()
    assert len(staging.clouds.calls("delete", aws.publication)) == 1, "the copy was replaced"
    assert leftovers(aws) == []

    staging.clouds.lose("create", aws.publication)
    staging.edit("packer/provision/docker.sh")
    assert staging.up(check=False).returncode != 0
    staging.clouds.no_faults()
    staging.up()
    assert leftovers(aws) == []

    staging.clouds.fail("create", TAG, message="RequestLimitExceeded")
    staging.configure(releases=["0.14", "0.15"])
    assert staging.up(check=False).returncode != 0
    staging.clouds.no_faults()
    staging.configure(releases=["0.14"])
    staging.up()
    assert list(aws.published().values()) == [["stgn-0-dstack-0.14"]]
    assert leftovers(aws) == []

    staging.pulumi.env.update(aws.env())
    staging.pulumi.destroy()
    assert aws.published() == {}
    assert leftovers(aws) == []
    assert staging.clouds.calls("delete", TAG) == []


def leftovers(aws: AwsWorld) -> list[dict[str, Any]]:
    """Snapshots that no AMI has."""
    used = {
        device["Ebs"]["SnapshotId"]
        for ami in aws.amis(HOME)
        for device in ami["BlockDeviceMappings"]
    }
    found = aws.ec2(HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [one for one in found if one["SnapshotId"] not in used and one["OwnerId"] == NUMBER]
