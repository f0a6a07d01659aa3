"""The bakery in an AWS account that moto plays within this process."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

from aws_jobs import BAKE, BUCKET, DIGEST, REGION, bake_job, target
from bakery.adapter import Workplace
from bakery.aws import clients
from bakery.aws import publisher as publishing
from bakery.aws.adapter import Aws
from bakery.aws.amis import Ami
from bakery.aws.publisher import AwsPublisher
from bakery.driver import driver, run_tags
from bakery.errors import BakeryError
from bakery.progress import Progress
from images.job import AdmitJob, ClearJob, ConfirmJob
from images.tags import BAKE as BAKE_TAG
from images.tags import DRIVER, EXPIRES, STACK
from images.targets import AwsTarget
from unit_samples import bake_record, verification_record

pytestmark = pytest.mark.unit

THROTTLED = "<Response><Errors><Error><Code>Throttling</Code></Error></Errors></Response>"


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    with mock_aws():
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield boto3.client("ec2", region_name=REGION)


@pytest.fixture
def adapter(ec2: Any) -> Aws:
    return Aws(target(None, public_ami(ec2)), "test")


def public_ami(ec2: Any) -> str:
    return ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]


def make_ami(ec2: Any, name: str, tags: dict[str, str]) -> str:
    ami = ec2.register_image(Name=name, RootDeviceName="/dev/sda1")["ImageId"]
    ec2.create_tags(Resources=[ami], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    return ami


def during(**changes: str) -> dict[str, str]:
    """Tags of a run of this machine on the bake."""
    return {**run_tags(bake_job(target(None, "ami-00000000"))), **changes}


def amis(ec2: Any) -> list[str]:
    return [ami["ImageId"] for ami in ec2.describe_images(Owners=["self"])["Images"]]


def complete(ec2: Any, adapter: Aws, tmp_path: Path) -> str:
    """Content as a bake leaves it."""
    ami = make_ami(ec2, BAKE, during())
    (tmp_path / "packages.txt").write_text("bash 1 amd64\n")
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": ami, "cloud": "aws"})
    place = Workplace(tmp_path, tmp_path, tmp_path)
    job = bake_job(adapter._target)  # pyright: ignore[reportPrivateUsage]
    adapter.complete(job, place, record)
    return ami


# Content and its records


def test_record_comes_back_from_the_tags_alone(ec2: Any, adapter: Aws, tmp_path: Path) -> None:
    assert adapter.find(BAKE) is None
    ami = complete(ec2, adapter, tmp_path)
    found = adapter.find(BAKE)
    assert found is not None
    assert (found.image_id, found.digest, found.cloud) == (ami, DIGEST, "aws")
    (tagged,) = ec2.describe_images(ImageIds=[ami])["Images"]
    assert not {DRIVER, EXPIRES} & {tag["Key"] for tag in tagged["Tags"]}
    bucket: Any = boto3.client("s3", region_name=REGION)
    keys = {item["Key"] for item in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert keys == {f"records/{BAKE}.json", f"packages/{BAKE}.txt"}


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
        Aws(wrong, "test").preflight(bake_job(wrong))


def test_source_that_does_not_exist(ec2: Any) -> None:
    nowhere = target(None, "ami-0123456789abcdef0")
    with pytest.raises(BakeryError, match="eu-west-1 has no AMI ami-0123456789abcdef0"):
        Aws(nowhere, "test").preflight(bake_job(nowhere))


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
    """A Packer of before plugins tags neither."""
    leave_all(ec2, during())
    assert left(ec2) == ALL
    adapter.sweep(BAKE, Progress())
    assert left(ec2) == NOTHING


def test_expired_run_of_another_machine_is_swept(ec2: Any, adapter: Aws) -> None:
    leave_all(ec2, during(**{DRIVER: "another", EXPIRES: str(int(time.time()) - 1)}))
    adapter.sweep(BAKE, Progress())
    assert left(ec2) == NOTHING


def test_living_run_of_another_machine_is_left_and_told(ec2: Any, adapter: Aws) -> None:
    machine = leave_all(ec2, during(**{DRIVER: "another"}))
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
    assert driver() == driver()


# Before and after publication


def admit(public: bool = True) -> AdmitJob:
    return AdmitJob(
        stack="test",
        names=["dstack-0.14"],
        public=public,
        places=[REGION, "us-east-1"],
        target=target(None, "ami-0123456789abcdef0"),
    )


def publisher() -> AwsPublisher:
    return AwsPublisher(target(None, "ami-0123456789abcdef0"))


def quota(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    class Quotas:
        def get_service_quota(self, **_: str) -> dict[str, Any]:
            return {"Quota": {"Value": value}}

    monkeypatch.setattr("bakery.aws.clients.quotas", lambda *_: Quotas())


def test_nothing_in_the_way(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 5)
    assert publisher().admit(admit(), Progress()).places == [REGION, "us-east-1"]


def test_all_that_is_in_the_way_is_told_at_once(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 0)
    ec2.enable_ebs_encryption_by_default()
    make_ami(ec2, "dstack-0.14", {})
    with pytest.raises(BakeryError) as refused:
        publisher().admit(admit(), Progress())
    told = str(refused.value)
    assert "eu-west-1: the name dstack-0.14 is taken by ami-" in told
    assert "belongs to no stack" in told
    assert "eu-west-1: EBS encrypts all new snapshots by default" in told
    assert "us-east-1: 0 AMIs are public and 1 would be added, but the quota is 0" in told
    assert "ask for at least 1 (Service Quotas, L-0E3CBAB9)" in told


def test_encrypted_content_cannot_be_public(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are encrypted as their source is, whatever their own region's default says."""
    quota(monkeypatch, 5)
    ec2.enable_ebs_encryption_by_default()
    abroad = admit().model_copy(update={"places": ["us-east-1"]})
    with pytest.raises(BakeryError, match="eu-west-1: EBS encrypts all new snapshots by default"):
        publisher().admit(abroad, Progress())


def test_private_images_need_no_quota(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 0)
    ec2.enable_ebs_encryption_by_default()
    publisher().admit(admit(public=False), Progress())


def test_quota_that_cannot_be_read_is_told_and_goes_on(
    ec2: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher().admit(admit(), Progress())
    assert "quota of public AMIs cannot be read" in capsys.readouterr().err


def released(ec2: Any, stack: str = "test") -> str:
    return make_ami(ec2, "dstack-0.14", {STACK: stack, BAKE_TAG: BAKE})


def clear(ec2: Any, *, kept: bool, days: int | None = None) -> None:
    job = ClearJob(
        stack="test",
        bake=BAKE,
        name="dstack-0.14",
        place=REGION,
        kept=kept,
        target=target(None, "ami-0123456789abcdef0").model_copy(
            update={"deprecate_after_days": days}
        ),
    )
    assert isinstance(job.target, AwsTarget)
    AwsPublisher(job.target).clear(job, Progress())


def test_copy_that_was_never_recorded_is_removed(ec2: Any) -> None:
    content, copy = make_ami(ec2, BAKE, {}), released(ec2)
    clear(ec2, kept=True)
    assert amis(ec2) == [content]
    assert copy not in amis(ec2)


def test_removed_copys_name_is_waited_for(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """EC2 lists an AMI for a while after it was deregistered, and the next takes its name."""
    content, copy = make_ami(ec2, BAKE, {}), released(ec2)
    listed, answers = publishing.named, [2]

    def slow(client: Any, name: str, owner: str = "self") -> list[Ami]:
        found = listed(client, name, owner)
        if name == BAKE or found or not answers[0]:
            return found
        answers[0] -= 1
        return [Ami.of({"ImageId": copy, "Name": name, "State": "available"})]

    monkeypatch.setattr(publishing, "named", slow)
    monkeypatch.setattr("bakery.publisher.PAUSE", 0.0)
    clear(ec2, kept=True)
    assert answers == [0]
    assert amis(ec2) == [content]


def test_content_that_is_past_its_date_is_not_copied(
    ec2: Any, adapter: Aws, tmp_path: Path
) -> None:
    """EC2 refuses a date in the past, and does so when the copy is there."""
    complete(ec2, adapter, tmp_path)
    clear(ec2, kept=False, days=3650)
    with pytest.raises(BakeryError, match=r"clouds\.aws\.deprecateAfterDays.*was over on 2026-"):
        clear(ec2, kept=False, days=1)


def test_content_that_somebody_removed_cannot_be_published(ec2: Any) -> None:
    with pytest.raises(BakeryError, match=f"{BAKE} is gone from the store.*pulumi up --replace"):
        clear(ec2, kept=False)


def test_other_stacks_copy_and_other_content_stay(ec2: Any) -> None:
    mine = make_ami(ec2, "dstack-0.14", {STACK: "test", BAKE_TAG: "dstack-bake-cpu-older"})
    theirs = make_ami(ec2, "dstack-0.14-rc", {STACK: "prod", BAKE_TAG: BAKE})
    content = make_ami(ec2, BAKE, {})
    clear(ec2, kept=False)
    assert set(amis(ec2)) == {mine, theirs, content}


def test_what_everyone_could_boot_is_not_removed_from_a_stack_that_is_kept(ec2: Any) -> None:
    ami, content = released(ec2), make_ami(ec2, BAKE, {})
    everyone: Any = {"Add": [{"Group": "all"}]}
    ec2.modify_image_attribute(ImageId=ami, LaunchPermission=everyone)
    with pytest.raises(BakeryError, match=f"{ami} is public as dstack-0.14, but the stack's state"):
        clear(ec2, kept=True)
    assert set(amis(ec2)) == {ami, content}


def confirm(ami: str, *, public: bool = False) -> None:
    job = ConfirmJob(
        stack="test",
        bake=BAKE,
        name="dstack-0.14",
        public=public,
        ids={REGION: ami},
        target=target(None, "ami-0123456789abcdef0"),
    )
    publisher().confirm(job, Progress())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakery.publisher.PATIENCE", 0.0)


def test_servers_find_what_was_published(ec2: Any) -> None:
    confirm(released(ec2))


@pytest.mark.usefixtures("impatient")
def test_servers_would_find_something_else(ec2: Any) -> None:
    ami = released(ec2)
    with pytest.raises(BakeryError, match=f"{ami} is private, which it should not be"):
        confirm(ami, public=True)
    with pytest.raises(BakeryError, match=r"ami-gone, published as dstack-0\.14, is not there"):
        confirm("ami-gone")


@pytest.mark.usefixtures("impatient")
def test_servers_do_not_see_a_public_image_that_is_deprecated(ec2: Any) -> None:
    """Its owner does ("Deprecate an AMI", Amazon EC2 User Guide)."""
    ami = released(ec2)
    everyone: Any = {"Add": [{"Group": "all"}]}
    ec2.modify_image_attribute(ImageId=ami, LaunchPermission=everyone)
    held: Any = ec2_backends[DEFAULT_ACCOUNT_ID][REGION].amis[ami]
    held.deprecation_time = "2100-01-01T00:00:00.000Z"
    confirm(ami, public=True)
    held.deprecation_time = "2026-01-01T00:00:00.000Z"
    with pytest.raises(BakeryError, match=f"{ami} is deprecated since 2026-01-01.*hidden from"):
        confirm(ami, public=True)


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
    with missing, clients.told("somewhere"):
        raise NoCredentialsError
    for code, words in {
        "ExpiredToken": "have expired",
        "AuthFailure": "does not know these credentials",
        "UnauthorizedOperation": "may not do CopyImage",
        "SomethingElse": "CopyImage failed: SomethingElse",
    }.items():
        error: Any = {"Error": {"Code": code, "Message": "said AWS"}}
        with pytest.raises(BakeryError, match=words), clients.told("somewhere"):
            raise ClientError(error, "CopyImage")
