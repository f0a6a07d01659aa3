"""The real Packer's amazon-ebs in a simulated account, killed in the middle.

By the Packer on PATH, and by today's where that is another one and there.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from images.aws import AwsTarget, SshTarget
from tests.fakes.aws_jobs import BUCKET, REGION, bake_job, target
from tests.fakes.bake_jobs import BAKE
from tests.fakes.running_bakery import bakery, group_of, kill_all
from tests.simulators.aws.moto_account import MotoAccount

pytestmark = pytest.mark.packer


@pytest.fixture(params=["on PATH", "today's"], autouse=True)
def packer(request: pytest.FixtureRequest) -> None:
    if request.param == "today's":
        request.getfixturevalue("todays_packer")


@pytest.fixture
def account() -> Iterator[MotoAccount]:
    with MotoAccount() as found:
        region: Any = {"LocationConstraint": REGION}
        found.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
        yield found


@pytest.fixture
def nobody(account: MotoAccount, tmp_path: Path) -> AwsTarget:
    """Machines that never answer: their way in is a port of this machine which is closed."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    account.client("ec2", REGION).import_key_pair(
        KeyName="test", PublicKeyMaterial=key.with_suffix(".pub").read_bytes()
    )
    ssh = SshTarget(host="127.0.0.1", port=9, key_pair="test", private_key_file=str(key))
    return target(account.address, account.source_ami, ssh)


def machines(account: MotoAccount) -> list[dict[str, Any]]:
    """Those that cost money."""
    found = account.client("ec2", REGION).describe_instances()["Reservations"]
    every = [machine for reservation in found for machine in reservation["Instances"]]
    return [machine for machine in every if machine["State"]["Name"] == "running"]


def groups(account: MotoAccount) -> list[str]:
    found = account.client("ec2", REGION).describe_security_groups()["SecurityGroups"]
    return [group["GroupName"] for group in found if group["GroupName"].startswith("packer_")]


def await_machine(account: MotoAccount) -> dict[str, Any]:
    limit = time.monotonic() + 60
    while not machines(account):
        assert time.monotonic() < limit
        time.sleep(0.2)
    (machine,) = machines(account)
    return machine


def test_machine_carries_what_it_takes_to_find_it(
    account: MotoAccount, nobody: AwsTarget, tmp_path: Path
) -> None:
    """Cancelled, Packer removes it by itself; until then its tags say whose it is."""
    process = bakery("bake", bake_job(nobody).model_dump_json(), account.env, tmp_path / "home")
    machine = await_machine(account)
    tags = {tag["Key"]: tag["Value"] for tag in machine["Tags"]}
    assert (tags["dstack-stack"], tags["dstack-bake"], tags["Name"]) == ("test", BAKE, BAKE)
    assert int(tags["dstack-expires"]) > time.time()
    volume = machine["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    (found,) = account.client("ec2", REGION).describe_volumes(VolumeIds=[volume])["Volumes"]
    assert {"Key": "dstack-bake", "Value": BAKE} in found["Tags"]
    (group,) = account.client("ec2", REGION).describe_security_groups(GroupNames=groups(account))[
        "SecurityGroups"
    ]
    sources = [r["CidrIp"] for rule in group["IpPermissions"] for r in rule["IpRanges"]]
    assert sources == ["192.0.2.1/32"], "nobody else gets in"
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "cancelled" in told
    assert (machines(account), groups(account)) == ([], [])


def test_killed_packer_leaves_a_machine_and_the_bakery_removes_it(
    account: MotoAccount, nobody: AwsTarget, tmp_path: Path
) -> None:
    process = bakery("bake", bake_job(nobody).model_dump_json(), account.env, tmp_path / "home")
    await_machine(account)
    os.killpg(group_of(tmp_path / "home", BAKE), signal.SIGKILL)
    _, told = process.communicate(timeout=90)
    assert "Packer was killed by SIGKILL" in told
    assert "removing machine i-" in told
    assert (machines(account), groups(account)) == ([], [])


def test_all_killed_at_once_is_mended_by_the_next_run(
    account: MotoAccount, nobody: AwsTarget, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    process = bakery("bake", bake_job(nobody).model_dump_json(), account.env, home)
    first = await_machine(account)
    kill_all(process, group_of(home, BAKE))
    assert machines(account)
    again = bakery("bake", bake_job(nobody).model_dump_json(), account.env, home)
    limit = time.monotonic() + 60
    while first["InstanceId"] in [machine["InstanceId"] for machine in machines(account)]:
        assert time.monotonic() < limit
        time.sleep(0.2)
    await_machine(account)
    again.send_signal(signal.SIGTERM)
    _, told = again.communicate(timeout=90)
    assert f"removing machine {first['InstanceId']}" in told
    assert (machines(account), groups(account)) == ([], [])
