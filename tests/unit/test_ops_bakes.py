"""`list`, `prune` and `sweep` in simulated clouds: what is used or foreign is never touched."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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
from bakery.records.labels import described
from bakery.records.tags import to_tags
from images.labels import label
from images.naming import bake_name, snapshot_name
from images.tags import BAKE, EXPIRES, RECORD, RELEASE, RUN_OWNER, STACK
from ops import sweep
from ops.__main__ import main
from tests.fakes.aws_content import amis, make_ami
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP, add_baker, may_publish
from tests.fakes.fake_host import until
from tests.fakes.stack_files import use_folder, write_stack
from tests.simulators.aws.moto_amis import hiding_disabled
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.roles import OWNER as OWNER_ROLE
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import (
    OLD_DEFINITION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.simulators.gcp.api import SOURCE, UBUNTU
from tests.simulators.gcp.project import GcpProject
from tests.unit.test_gcp_bakery import ago, insert, soon
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit

#: Content, the newest first, a day or more between them.
BAKES = [f"dstack-bake-cpu-{digit * 12}" for digit in "abcd"]
OWNER = "run-4711-1"


def record(bake: str) -> Any:
    age = timedelta(days=1 + BAKES.index(bake), hours=1)
    return bake_record(bake).model_copy(update={"finished_at": datetime.now(UTC) - age})


def published(bake: str, release: str = "0.14", stack: str = "prod") -> dict[str, str]:
    return {STACK: stack, RELEASE: release, BAKE: bake}


def left(bake: str, owner: str, expires: str, stack: str = "test") -> dict[str, str]:
    return {BAKE: bake, STACK: stack, RUN_OWNER: owner, EXPIRES: expires}


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["list", "-s", "test", "--json"]) == 0
    return {bake["name"]: bake for bake in json.loads(capsys.readouterr().out)}


def used(bakes: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: [f"{use['stack']} {use['release']} {use['where']}" for use in bake["uses"]]
        for name, bake in bakes.items()
        if bake["uses"]
    }


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DSTACK_IMAGES_RUN_OWNER", raising=False)
    use_folder(tmp_path, monkeypatch)
    return tmp_path


# AWS


@pytest.fixture
def account(ec2: Any, folder: Path) -> Any:
    """Four bakes: one is published in another region, by another stack. Beside them the release
    that is kept for ever, and a bake that is not complete."""
    write_stack(folder, "test", {"aws": {}})
    for bake in reversed(BAKES):
        make_ami(ec2, bake, {STACK: "test", **to_tags(RECORD, record(bake))})
    make_ami(ec2, "dstack-0.10", {})
    make_ami(ec2, "dstack-bake-cpu-eeeeeeeeeeee", left("dstack-bake-cpu-e", "x", soon()))
    other = boto3.client("ec2", region_name="us-east-1")
    make_ami(other, "dstack-0.14", published(BAKES[3]))
    return ec2


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
    """As with the role of a stack, to which all other regions are denied."""
    refuse(monkeypatch, "us-east-1", "UnauthorizedOperation")
    before = amis(account)
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert "nobody could look for uses in aws us-east-1" in capsys.readouterr().out
    assert amis(account) == before
    assert main(["list", "-s", "test"]) == 0
    assert "nobody could look for uses in aws us-east-1" in capsys.readouterr().out


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


# Google


@pytest.fixture(scope="module")
def server() -> Iterator[GcpProject]:
    with GcpProject() as found:
        yield found


@pytest.fixture
def project(server: GcpProject, folder: Path) -> GcpProject:
    server.reset()
    write_stack(folder, "test", {"gcp": {"endpoint": server.address}})
    for bake in reversed(BAKES):
        text, more = described(record(bake))
        server.add_image(bake, description=text, labels={STACK: "test", **more})
    tags = {key: label(value) for key, value in published(BAKES[3]).items()}
    server.add_image("dstack-0-14", labels=tags)
    server.add_image("dstack-0-10")
    server.add_image("dstack-a3mega-5")
    return server


def test_bakes_of_a_cloud_are_compared_by_their_names(
    project: GcpProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "-s", "test", "--json", BAKES[1], BAKES[0]]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["before"], found["after"]) == (BAKES[1], BAKES[0])
    assert main(["diff", "-s", "test", BAKES[0], "dstack-bake-cpu-ffffffffffff"]) == 1
    assert "neither a file nor a bake that test keeps" in capsys.readouterr().err


def test_gcp_list_and_prune(project: GcpProject, capsys: pytest.CaptureFixture[str]) -> None:
    bakes = listed(capsys)
    assert used(bakes) == {BAKES[3]: ["prod 0.14 dstack-0-14"]}
    assert bakes[BAKES[0]]["size_gb"] == 1.5
    assert main(["prune", "-s", "test", "--keep", "1"]) == 0
    assert len(project.images()) == 7
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    kept = {BAKES[0], BAKES[3], "dstack-0-14", "dstack-0-10", "dstack-a3mega-5"}
    assert set(project.images()) == kept


def test_gcp_sweep_of_a_run_finds_the_disk_that_has_no_labels(
    project: GcpProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bakery.gcp.leftovers import disk_name

    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", OWNER)
    mine = disk_name(bake_name("cpu", "1" * 64))
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "another")
    other = disk_name(bake_name("cpu", "1" * 64))
    monkeypatch.delenv("DSTACK_IMAGES_RUN_OWNER")
    for name in (mine, other):
        insert(project, "disks", name, sourceImage=f"projects/{UBUNTU}/global/images/{SOURCE}")
    assert main(["sweep", "-s", "test", "--run", OWNER]) == 0
    assert f"would remove disk {mine}" in capsys.readouterr().out
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 0
    assert set(project.api.disks) == {other}


# Azure


@pytest.fixture
def azure(
    subscription: AzureSubscription, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AzureSubscription:
    """Two stacks, of which the other one publishes into a gallery."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(folder / "home"))
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    groups = {"packerGroup": GROUP, "buildGroup": BUILD_GROUP, "endpoint": subscription.address}
    write_stack(folder, "test", {"azure": {**groups, "resourceGroup": "test-group"}})
    write_stack(folder, "prod", {"azure": {**groups, "resourceGroup": PUBLISHED_GROUP}})
    for bake in BAKES:
        subscription.add_image(GROUP, bake, **{STACK: "test", **to_tags(RECORD, record(bake))})
        subscription.add_snapshot(GROUP, snapshot_name(bake))
    source = subscription.images(GROUP)[BAKES[3]]["id"]
    version = f"Microsoft.Compute/galleries/{PUBLISHED_GALLERY}/images/{OLD_DEFINITION}/versions"
    body = {
        "location": "westeurope",
        "tags": published(BAKES[3]),
        "properties": {"storageProfile": {"source": {"id": source}}},
    }
    subscription.api.put(PUBLISHED_GROUP, f"{version}/2026.101.0", body)
    return subscription


def test_azure_list_and_prune(azure: AzureSubscription, capsys: pytest.CaptureFixture[str]) -> None:
    assert used(listed(capsys)) == {BAKES[3]: [f"prod 0.14 {PUBLISHED_GROUP}"]}
    assert main(["prune", "-s", "test", "--keep", "1"]) == 0
    assert len(azure.images(GROUP)) == 4
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    assert set(azure.images(GROUP)) == {BAKES[0], BAKES[3]}
    snapshots = {id.rpartition("/")[2] for id in azure.resources(GROUP) if "/snapshots/" in id}
    assert snapshots == {snapshot_name(BAKES[0]), snapshot_name(BAKES[3])}
    assert set(azure.versions(PUBLISHED_GALLERY)[OLD_DEFINITION]) == {"0.0.1", "2026.101.0"}


def test_azure_prune_removes_nothing_while_a_stack_cannot_be_read(
    azure: AzureSubscription, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it has published is in its file."""
    write_stack(folder, "prod", {"azure": {"resourceGroup": 5}})
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert "azure of the stack prod, whose file has mistakes" in capsys.readouterr().out
    assert len(azure.images(GROUP)) == 4


def act_as_baker(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, *, public: bool
) -> None:
    """As the stack test's own principal, and with no more than its roles."""
    monkeypatch.setenv("ARM_CLIENT_ID", add_baker(azure, "its-secret"))
    monkeypatch.setenv("ARM_CLIENT_SECRET", "its-secret")
    azure.add_group("test-group")
    may_publish(azure, "test-group", public=public)


def test_azure_prune_removes_nothing_while_a_group_may_not_be_looked_into(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lists would be answered, with less than there is."""
    act_as_baker(azure, monkeypatch, public=True)
    note = f"nobody could look for uses in azure {PUBLISHED_GROUP}"
    assert main(["list", "-s", "test"]) == 0
    assert note in capsys.readouterr().out
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert note in capsys.readouterr().out
    assert len(azure.images(GROUP)) == 4


@pytest.mark.parametrize("public", [False, True])
def test_azure_prune_takes_no_more_than_the_stacks_roles(
    azure: AzureSubscription,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    public: bool,
) -> None:
    act_as_baker(azure, monkeypatch, public=public)
    (folder / "Pulumi.prod.yaml").unlink()
    azure.add_image("test-group", "dstack-0.14", **published(BAKES[2], stack="test"))
    assert used(listed(capsys)) == {BAKES[2]: ["test 0.14 test-group"]}
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    assert set(azure.images(GROUP)) == {BAKES[0], BAKES[2]}


def test_a_cloud_that_cannot_be_read_hides_no_other(
    azure: AzureSubscription,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    groups = {"packerGroup": GROUP, "buildGroup": BUILD_GROUP, "endpoint": azure.address}
    write_stack(folder, "test", {"aws": {}, "azure": {**groups, "resourceGroup": "test-group"}})
    assert main(["list", "-s", "test"]) == 1
    told = capsys.readouterr()
    assert BAKES[0] in told.out
    assert told.err.startswith("error: aws: ")
    assert main(["prune", "-s", "test", "--keep", "1"]) == 1
    told = capsys.readouterr()
    assert f"would remove {BAKES[1]}" in told.out
    assert "error: aws: " in told.err


def test_azure_sweep_of_a_run(azure: AzureSubscription, capsys: pytest.CaptureFixture[str]) -> None:
    run = bake_name("cpu", "1" * 64)
    azure.add_machine(BUILD_GROUP, "dstk0000vm", left(run, OWNER, soon()))
    assert main(["sweep", "-s", "test"]) == 0
    assert "nothing is left" in capsys.readouterr().out
    assert main(["sweep", "-s", "test", "--run", OWNER]) == 0
    told = capsys.readouterr().out
    assert "would remove machine dstk0000vm" in told
    assert "would remove disk dstk0000vm-os" in told
    assert azure.resources(BUILD_GROUP)
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 0
    assert azure.resources(BUILD_GROUP) == []


def test_azure_sweep_does_not_take_what_may_not_be_seen_for_nothing(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.add_machine(BUILD_GROUP, "dstk0000vm", left(BAKES[0], OWNER, ago()))
    azure.api.arm.roles.revoke(PERSON_OBJECT, OWNER_ROLE)
    assert main(["sweep", "-s", "test"]) == 1
    told = capsys.readouterr().out
    assert "these credentials may not do this" in told
    assert "nothing is left" not in told


def test_a_run_that_is_waited_for_does_not_keep_other_clouds_from_being_swept(
    account: Any, project: GcpProject, folder: Path
) -> None:
    """Packer may take all the time that a cancelled job has, in one of its clouds."""
    write_stack(folder, "test", {"aws": {}, "gcp": {"endpoint": project.address}})
    busy, dead = (bake_name("cpu", digit * 64) for digit in "12")
    half = make_ami(account, busy, left(busy, OWNER, soon()))
    labels = {label(key): value for key, value in left(dead, OWNER, soon()).items()}
    insert(project, "instances", "dstk-left", labels=labels)
    with ThreadPoolExecutor() as pool:
        with try_lock(lock_file(busy)):
            swept = pool.submit(main, ["sweep", "-s", "test", "--run", OWNER, "--yes"])
            until(lambda: not project.api.instances, lambda: "the machine is there")
            assert half in amis(account)
        assert swept.result(60) == 0
    assert half not in amis(account)


def test_cloud_that_cannot_be_asked_does_not_keep_others_from_being_swept(
    account: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    write_stack(folder, "test", {"azure": {}, "aws": {}})
    (folder / "Pulumi.broken.yaml").write_text("config: {}\n")
    over = make_ami(account, "over", left("dstack-bake-cpu-1", "x", ago()))
    assert main(["sweep", "-s", "broken", "-s", "test", "--yes"]) == 1
    told = capsys.readouterr().out
    assert "broken: Pulumi.broken.yaml: the stack's configuration has" in told
    assert "no subscription of Azure is chosen" in told
    assert over not in amis(account)
