"""The bakery in an AWS account that moto plays within this process."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

from bakery.adapter import RunFolders
from bakery.aws import clients
from bakery.aws.adapter import Aws
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.errors import BakeryError
from images.tags import BAKE as BAKE_TAG
from images.tags import EXPIRES, RUN_OWNER, STACK
from tests.fakes.aws_content import amis, complete, during, make_ami, public_ami
from tests.fakes.aws_jobs import BUCKET, REGION, bake_job, target
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER
from tests.unit.kept_log import end_run
from tests.unit.unit_samples import verification_record

pytestmark = pytest.mark.unit

THROTTLED = "<Response><Errors><Error><Code>Throttling</Code></Error></Errors></Response>"


# Content and its records


def test_record_comes_back_from_the_tags_alone(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    assert adapter.find(BAKE) is None
    ami = complete(ec2, adapter, tmp_path)
    found = adapter.find(BAKE)
    assert found is not None
    assert (found.image_id, found.digest, found.cloud) == (ami, DIGEST, "aws")
    (tagged,) = ec2.describe_images(ImageIds=[ami])["Images"]
    assert not {RUN_OWNER, EXPIRES} & {tag["Key"] for tag in tagged["Tags"]}
    bucket: Any = boto3.client("s3", region_name=REGION)
    keys = {item["Key"] for item in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert keys == {
        f"records/{BAKE}.json",
        f"packages/{BAKE}.txt",
        f"sboms/{BAKE}.spdx.json.gz",
    }


def test_half_a_record_is_none(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    ami = complete(ec2, adapter, tmp_path)
    ec2.delete_tags(Resources=[ami], Tags=[{"Key": "dstack-record-1"}])
    assert adapter.find(BAKE) is None


def test_damaged_record_is_told(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    ami = complete(ec2, adapter, tmp_path)
    ec2.create_tags(Resources=[ami], Tags=[{"Key": "dstack-record-1", "Value": "?"}])
    with pytest.raises(BakeryError, match=f"record of {BAKE} .*is damaged.*Deregister"):
        adapter.find(BAKE)


def test_verification_is_of_these_checks_only(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    complete(ec2, adapter, tmp_path)
    adapter.keep_verification(verification_record(BAKE, "a" * 64))
    assert adapter.find_verification(BAKE, "a" * 64) is not None
    assert adapter.find_verification(BAKE, "b" * 64) is None
    adapter.keep_verification(verification_record(BAKE, "b" * 64))
    assert adapter.find_verification(BAKE, "b" * 64) is not None


def test_source_that_servers_could_not_boot(ec2: Any, adapter: Aws) -> None:
    other = ec2.register_image(Name="other", RootDeviceName="/dev/xvda")["ImageId"]
    wrong = target(None, other)
    with pytest.raises(BakeryError, match=r"clouds\.aws\.source.*expect x86_64 and /dev/sda1"):
        Aws(wrong, "test").preflight(bake_job(wrong), OLD_PACKER)


def test_source_that_does_not_exist(ec2: Any) -> None:
    nowhere = target(None, "ami-0123456789abcdef0")
    with pytest.raises(BakeryError, match="eu-west-1 has no AMI ami-0123456789abcdef0"):
        Aws(nowhere, "test").preflight(bake_job(nowhere), OLD_PACKER)


def test_source_that_is_deprecated_is_told(
    ec2: Any, adapter: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It boots still ("Deprecate an AMI", Amazon EC2 User Guide), so nobody would notice."""
    source = adapter._target.source  # pyright: ignore[reportPrivateUsage]
    held: Any = ec2_backends[DEFAULT_ACCOUNT_ID][REGION].amis[source]
    held.deprecation_time = "2026-01-01T00:00:00.000Z"
    job, place = bake_job(target(None, source)), RunFolders(tmp_path, tmp_path, tmp_path)
    adapter.prepare(job, place, Progress())
    assert f"{source} is deprecated since 2026-01-01; it still boots" in capsys.readouterr().err


def test_log_that_cannot_be_kept_is_told_and_fails_nothing(
    adapter: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket: Any = boto3.client("s3", region_name=REGION)
    end_run(adapter, tmp_path)
    (kept,) = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert kept["Key"] == f"logs/{BAKE}/x.log"
    assert capsys.readouterr().err == ""
    bucket.delete_object(Bucket=BUCKET, Key=kept["Key"])
    bucket.delete_bucket(Bucket=BUCKET)
    end_run(adapter, tmp_path)
    assert f"the log is on this machine alone: keeping logs/{BAKE}/" in capsys.readouterr().err


# What dead runs leave


def leave_all(ec2: Any, tags: dict[str, str]) -> str:
    """A machine, its group, a key, a volume and an AMI; returns the machine."""

    def spec(kind: str) -> list[dict[str, Any]]:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        return [{"ResourceType": kind, "Tags": pairs}]

    group = ec2.create_security_group(GroupName="packer_1", Description="x")["GroupId"]
    ec2.create_key_pair(KeyName=tags["Name"])
    ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, TagSpecifications=spec("volume"))
    make_ami(ec2, tags["Name"], tags)
    return ec2.run_instances(
        ImageId=public_ami(ec2),
        MinCount=1,
        MaxCount=1,
        SecurityGroupIds=[group],
        TagSpecifications=spec("instance"),
    )["Instances"][0]["InstanceId"]


def left(ec2: Any) -> dict[str, int]:
    machines = [
        machine
        for reservation in ec2.describe_instances()["Reservations"]
        for machine in reservation["Instances"]
        if machine["State"]["Name"] != "terminated"
    ]
    volumes = ec2.describe_volumes(Filters=[{"Name": "status", "Values": ["available"]}])
    packers = [{"Name": "group-name", "Values": ["packer_1"]}]
    groups = ec2.describe_security_groups(Filters=packers)["SecurityGroups"]
    return {
        "machines": len(machines),
        "groups": len(groups),
        "keys": len(ec2.describe_key_pairs()["KeyPairs"]),
        "volumes": len(volumes["Volumes"]),
        "amis": len(amis(ec2)),
    }


NOTHING = {"machines": 0, "groups": 0, "keys": 0, "volumes": 0, "amis": 0}
ALL = dict.fromkeys(NOTHING, 1)


def test_own_dead_run_is_swept_without_its_tags_on_key_and_group(ec2: Any, adapter: Aws) -> None:
    """A Packer from before there were plugins tags neither."""
    leave_all(ec2, during())
    assert left(ec2) == ALL
    adapter.sweep(BAKE, Progress())
    assert left(ec2) == NOTHING


def test_expired_run_of_another_machine_is_swept(ec2: Any, adapter: Aws) -> None:
    leave_all(ec2, during(**{RUN_OWNER: "another", EXPIRES: str(int(time.time()) - 1)}))
    adapter.sweep(BAKE, Progress())
    assert left(ec2) == NOTHING


def test_living_run_of_another_machine_is_left_and_told(ec2: Any, adapter: Aws) -> None:
    machine = leave_all(ec2, during(**{RUN_OWNER: "another"}))
    with pytest.raises(BakeryError, match=rf"another machine \(another\) is at work .*{machine}"):
        adapter.sweep(BAKE, Progress())
    assert left(ec2) == ALL


def test_expired_run_of_another_bake_is_swept_of_this_stack_only(ec2: Any, adapter: Aws) -> None:
    old = {BAKE_TAG: "dstack-bake-cuda-1", "Name": "dstack-bake-cuda-1", EXPIRES: "1000000000"}
    leave_all(ec2, during(**old, **{STACK: "prod"}))
    adapter.sweep(BAKE, Progress())
    assert left(ec2) == ALL
    adapter.sweep("dstack-bake-cuda-1", Progress())
    assert left(ec2) == NOTHING


def test_finished_content_is_never_swept(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    ami = complete(ec2, adapter, tmp_path)
    adapter.sweep(BAKE, Progress())
    assert amis(ec2) == [ami]


def test_driver_is_the_same_for_all_runs_of_a_machine(ec2: Any) -> None:
    assert run_owner() == run_owner()


# Access


def test_throttling_is_waited_out(ec2: Any, adapter: Aws) -> None:
    answers = [503, 503]

    def refuse(request: Any, **_: Any) -> Any:
        if not answers:
            return None
        body = THROTTLED.encode()
        raw: Any = SimpleNamespace(stream=lambda *_, **__: iter([body]), headers={})
        headers: Any = {}
        return AWSResponse(request.url, answers.pop(), headers, raw)

    events = adapter._ec2.meta.events  # pyright: ignore[reportPrivateUsage]
    events.register_first("before-send.ec2.DescribeImages", refuse)
    assert adapter.find(BAKE) is None
    assert answers == []


def test_what_aws_refuses_is_told_in_words() -> None:
    missing = pytest.raises(BakeryError, match="there are no credentials for AWS; set AWS_PROFILE")
    with missing, clients.translate_errors("somewhere"):
        raise NoCredentialsError
    for code, words in {
        "ExpiredToken": "have expired",
        "AuthFailure": "does not know these credentials",
        "UnauthorizedOperation": "may not do CopyImage",
        "SomethingElse": "CopyImage failed: SomethingElse",
    }.items():
        error: Any = {"Error": {"Code": code, "Message": "said AWS"}}
        with pytest.raises(BakeryError, match=words), clients.translate_errors("somewhere"):
            raise ClientError(error, "CopyImage")
