"""A copy that was removed by half: its AMI is gone, its snapshot is not, and Pulumi forgets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.test_aws_stack import leftovers
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

ROLE = "dstack-images-staging"


def may_delete_snapshots(aws: AwsWorld, allowed: bool) -> None:
    """A hiccup of EC2's, or of somebody's guardrail, between the two calls of a removal."""
    iam = aws.account.client("iam")
    if allowed:
        iam.delete_role_policy(RoleName=ROLE, PolicyName="guardrail")
        return
    denied = {"Effect": "Deny", "Action": ["ec2:DeleteSnapshot"], "Resource": ["*"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="guardrail", PolicyDocument=document)


def sweep(stack: CloudStack, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "sweep", "-s", "staging", *more],
        cwd=stack.project,
        env=stack.pulumi.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_snapshot_that_a_removal_has_left_is_swept(
    tmp_path: Path, aws: AwsWorld, warm: WarmPython
) -> None:
    staging = CloudStack.open(tmp_path, aws, warm)
    staging.configure(releases=["0.14", "0.15"])
    staging.configure_cloud(variants={"cpu": {}})
    staging.up()
    staging.pulumi.env.update(aws.role_env("staging"), COLUMNS="200")
    staging.configure(releases=["0.15"])
    may_delete_snapshots(aws, allowed=False)
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "must be deleted manually" in failed.output
    may_delete_snapshots(aws, allowed=True)
    staging.up()
    (left,) = leftovers(aws)
    assert aws.published() == {HOME: ["stgn-0-dstack-0.15"]}

    told = f"snapshot {left['SnapshotId']} in {HOME}, of a copy that is gone"
    assert f"would remove {told}" in sweep(staging)
    assert leftovers(aws) == [left]
    assert f"removed {told}" in sweep(staging, "--yes")
    assert leftovers(aws) == []
    assert "nothing is left of any run" in sweep(staging)
    assert aws.published() == {HOME: ["stgn-0-dstack-0.15"]}
