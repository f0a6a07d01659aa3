"""`list`, `prune` and `sweep` in a simulated account of AWS: what is used or foreign stays."""

import json
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.responses.amis import AmisResponse

from bakery.aws import clients as aws_clients
from bakery.folders import lock_file
from bakery.lock import try_lock
from images.naming import bake_name
from images.tags import STACK
from ops import sweep
from ops.__main__ import main
from tests.fakes.aws_content import amis, make_ami
from tests.fakes.stack_files import write_stack
from tests.simulators.aws.moto_amis import hiding_disabled
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import BAKES, OWNER, left, listed, used
from tests.unit.unit_samples import ago, soon

pytestmark = pytest.mark.unit

folder, account = bakes_in_clouds.folder, bakes_in_clouds.account


def test_aws_list_knows_uses_in_regions_of_other_stacks(
    account: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bakes = listed(capsys)
    assert set(bakes) == {*BAKES, "dstack-bake-cpu-eeeeeeeeeeee"}
    assert used(bakes) == {BAKES[3]: ["prod 0.14 us-east-1"]}
    assert bakes[BAKES[1]]["age_days"] == 2
    assert bakes["dstack-bake-cpu-eeeeeeeeeeee"]["problem"] == "never completed"
    assert main(["list", "-s", "test"]) == 0
    assert "prod 0.14" in capsys.readouterr().out


def test_aws_prune_takes_only_what_nothing_uses(
    account: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = amis(account)
    assert main(["prune", "-s", "test", "--keep", "1"]) == 0
    told = capsys.readouterr().out
    assert [bake for bake in BAKES if f"would remove {bake}" in told] == BAKES[1:3]
    assert "0.10" not in told
    assert amis(account) == before
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    names = {ami["Name"] for ami in account.describe_images(Owners=["self"])["Images"]}
    assert names == {BAKES[0], BAKES[3], "dstack-0.10", "dstack-bake-cpu-eeeeeeeeeeee"}


def test_aws_disabled_image_is_a_use(
    account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DisableImage is how a release is withdrawn in a hurry; EnableImage brings it back."""
    hiding = hiding_disabled(AmisResponse.describe_images)
    monkeypatch.setattr(AmisResponse, "describe_images", hiding)
    for ami in ec2_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].amis.values():
        if ami.name == "dstack-0.14":
            ami.state = "disabled"
    assert used(listed(capsys)) == {BAKES[3]: ["prod 0.14 us-east-1"]}


def test_aws_region_that_takes_no_tokens_of_the_old_kind_is_one_that_was_not_seen(
    account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tokens of the global endpoint of STS are no credentials in regions that were opted into
    ("Managing AWS STS in an AWS Region", IAM User Guide).
    """
    refuse(monkeypatch, "us-east-1", "AuthFailure")
    before = amis(account)
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert "nobody could look for uses in aws us-east-1" in capsys.readouterr().out
    assert amis(account) == before


def refuse(monkeypatch: pytest.MonkeyPatch, where: str, code: str) -> None:
    """EC2 of one region describes no images."""
    real = aws_clients.ec2

    def ec2(target: Any, region: str | None = None) -> Any:
        client = real(target, region)
        if region == where:
            refusal = {"Error": {"Code": code, "Message": "no"}}
            denied = ClientError(refusal, "DescribeImages")  # pyright: ignore[reportArgumentType]
            client.get_paginator = mock.Mock(side_effect=denied)
        return client

    monkeypatch.setattr(aws_clients, "ec2", ec2)


def test_aws_prune_removes_nothing_where_it_may_not_look_for_uses(
    account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The role of a stack is denied all other regions."""
    refuse(monkeypatch, "us-east-1", "UnauthorizedOperation")
    before = amis(account)
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert "nobody could look for uses in aws us-east-1" in capsys.readouterr().out
    assert amis(account) == before
    assert main(["list", "-s", "test"]) == 0
    assert "nobody could look for uses in aws us-east-1" in capsys.readouterr().out


def test_aws_prune_goes_on_where_one_cannot_be_removed(
    account: Any,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A policy may protect single AMIs by their tags. What else was found is told all the same."""
    write_stack(folder, "test", {"azure": {}, "aws": {}})
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    before = {ami["Name"]: ami["ImageId"] for ami in own(account)}
    real = aws_clients.ec2

    def ec2(*arguments: Any) -> Any:
        client: Any = real(*arguments)
        deregister = client.deregister_image

        def refusing(**asked: str) -> Any:
            if asked["ImageId"] == before[BAKES[1]]:
                refusal: Any = {"Error": {"Code": "UnauthorizedOperation", "Message": "[bold]"}}
                raise ClientError(refusal, "DeregisterImage")
            return deregister(**asked)

        client.deregister_image = refusing
        return client

    monkeypatch.setattr(aws_clients, "ec2", ec2)
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 1
    told = capsys.readouterr()
    assert f"{BAKES[1]} stays: eu-west-1: " in told.out
    assert "may not do DeregisterImage ([bold])" in told.out
    assert f"removed {BAKES[2]}" in told.out
    assert "error: azure: " in told.err
    assert before.keys() - {ami["Name"] for ami in own(account)} == {BAKES[2]}


def own(ec2: Any) -> list[Any]:
    return ec2.describe_images(Owners=["self"])["Images"]


def test_aws_sweep_takes_what_is_over_and_of_this_stack(
    account: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    over = make_ami(account, "over", left("dstack-bake-cpu-1", "x", ago()))
    make_ami(account, "foreign", left("dstack-bake-cpu-2", "x", ago(), stack="other"))
    before = amis(account)
    assert main(["sweep", "-s", "test"]) == 0
    told = capsys.readouterr().out
    assert f"would remove {over}" in told
    assert told.count("would remove") == 1
    assert amis(account) == before
    assert main(["sweep", "-s", "test", "--yes"]) == 0
    assert set(before) - set(amis(account)) == {over}


def snapshot(ec2: Any, description: str, stack: str = "test") -> str:
    """One with a stack's mark."""
    volume = ec2.create_volume(AvailabilityZone=ec2.meta.region_name + "a", Size=1)["VolumeId"]
    tags = [{"Key": STACK, "Value": stack}]
    made = ec2.create_snapshot(
        VolumeId=volume,
        Description=description,
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
    )
    return made["SnapshotId"]


def of_copy(ami: str) -> str:
    """As EC2 describes the snapshot of a copy."""
    return f"Copied for DestinationAmi {ami} from SourceAmi ami-1 for SourceSnapshot snap-1. Task 1"


def test_aws_sweep_takes_snapshots_of_copies_that_are_gone(
    account: Any,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of this stack, in every region of it; what an AMI might need, or is no copy, stays."""
    write_stack(folder, "test", {"aws": {"regions": ["eu-west-1", "us-east-2"]}})
    hiding = hiding_disabled(AmisResponse.describe_images)
    monkeypatch.setattr(AmisResponse, "describe_images", hiding)
    away: Any = boto3.client("ec2", region_name="us-east-2")
    gone = "ami-0123456789abcdef0"
    lost = [snapshot(account, of_copy(gone)), snapshot(away, of_copy(gone))]
    disabled = make_ami(away, "withdrawn", {STACK: "test"})
    ec2_backends[DEFAULT_ACCOUNT_ID]["us-east-2"].amis[disabled].state = "disabled"
    stay = [
        snapshot(away, of_copy(disabled)),
        snapshot(away, of_copy(gone), stack="prod"),
        snapshot(away, "kept by somebody"),
    ]
    assert main(["sweep", "-s", "test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left"] == [
        f"snapshot {id} in {region}, of a copy that is gone ({gone}) (aws)"
        for id, region in zip(lost, ("eu-west-1", "us-east-2"), strict=True)
    ]
    assert main(["sweep", "-s", "test", "--yes"]) == 0
    ids = {
        one["SnapshotId"]
        for client in (account, away)
        for one in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    }
    assert ids >= {*stay}
    assert not ids & {*lost}


def test_aws_sweep_of_a_run_that_was_cut_off(
    account: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that it left goes, though its time is not over; what others are at work on stays."""
    run = bake_name("cpu", "1" * 64)
    tags = left(run, OWNER, soon())
    half = make_ami(account, run, tags)
    machine = account.run_instances(
        ImageId=half,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            }
        ],
    )["Instances"][0]["InstanceId"]
    account.create_key_pair(KeyName=run)
    assert main(["sweep", "-s", "test", "--run", OWNER, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["left"]
    assert told == [
        f"machine {machine} (aws)",
        f"key pair {run} (aws)",
        f"{half}, a {run} that was never completed (aws)",
    ]
    assert main(["sweep", "-s", "test", "--run", "run-4711-2", "--yes"]) == 0
    assert half in amis(account)
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 0
    assert half not in amis(account)
    (reservation,) = account.describe_instances(InstanceIds=[machine])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"
    assert account.describe_key_pairs()["KeyPairs"] == []


def test_sweep_of_a_run_that_is_at_work_here_is_refused(
    account: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = bake_name("cpu", "1" * 64)
    make_ami(account, run, left(run, OWNER, soon()))
    with try_lock(lock_file(run)):
        assert main(["sweep", "-s", "test", "--run", OWNER]) == 1, (
            "at once: it would remove nothing"
        )
        monkeypatch.setattr(sweep, "PATIENCE", 0.1)
        assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 1
    assert f"a run on this machine is busy with {run}" in capsys.readouterr().out
    make_ami(account, f"{run}-x", left(run, "another", soon()))
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 1
    assert f"another machine (another) is at work on {run}" in capsys.readouterr().out
