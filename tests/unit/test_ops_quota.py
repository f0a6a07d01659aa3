"""`python -m ops quota` in simulated clouds."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.__main__ import main
from tests.fakes.aws_content import make_ami
from tests.fakes.azure_jobs import add_baker, may_publish
from tests.fakes.stack_files import use_folder, write_stack
from tests.simulators.aws.moto_quotas import Quotas, teach
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import (
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.simulators.gcp.project import PROJECT, GcpProject

pytestmark = pytest.mark.unit

PUBLIC, ALL = "L-0E3CBAB9", "L-B665C33B"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "250")
    use_folder(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def quotas(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> Quotas:
    return teach(monkeypatch)


def asked(capsys: pytest.CaptureFixture[str], status: int = 0) -> dict[str, dict[str, Any]]:
    """Place and what is limited -> the row."""
    assert main(["quota", "-s", "test", "--json"]) == status
    limits = json.loads(capsys.readouterr().out)["limits"]
    return {f"{one['where']} {one['what']}": one for one in limits}


def counts(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    return {key: (one["used"], one["needed"], one["limit"]) for key, one in rows.items()}


def share(region: str, name: str) -> None:
    client = boto3.client("ec2", region_name=region)
    ami = make_ami(client, name, {})
    client.modify_image_attribute(ImageId=ami, LaunchPermission={"Add": [{"Group": "all"}]})


def test_aws_counts_in_each_region_what_is_missing_there(
    quotas: Quotas, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = {"regions": ["eu-west-1", "us-east-1"]}
    write_stack(folder, "test", {"aws": regions}, releases=["0.14", "0.15"], visibility="public")
    for name in ("dstack-0.10", "dstack-0.13", "dstack-0.14"):
        share("us-east-1", name)
    quotas.applied["us-east-1", PUBLIC] = 20.0
    quotas.applied["us-east-1", ALL] = 50_000.0
    assert counts(asked(capsys)) == {
        "eu-west-1 AMIs": (0, 4, 50_000),
        "eu-west-1 public AMIs": (0, 2, 5),
        "us-east-1 AMIs": (3, 1, 50_000),
        "us-east-1 public AMIs": (3, 1, 20),
    }


def test_aws_too_small_says_what_to_ask_for(
    quotas: Quotas, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three releases of two variants: more than the five public AMIs of a new account."""
    write_stack(
        folder,
        "test",
        {"aws": {"variants": {"cpu": {}, "cuda": {}}}},
        releases=["0.13", "0.14", "0.15"],
        visibility="public",
    )
    request = (
        "aws service-quotas request-service-quota-increase --region eu-west-1 --service-code ec2 "
        "--quota-code L-0E3CBAB9 --desired-value 6"
    )
    row = asked(capsys, status=3)["eu-west-1 public AMIs"]
    assert (row["too_small"], row["request"]) == (True, request)
    assert main(["quota", "-s", "test"]) == 3
    assert request in capsys.readouterr().out
    asks = {"QuotaCode": PUBLIC, "DesiredValue": 10.0, "Status": "CASE_OPENED"}
    quotas.requested.append(asks)
    assert main(["quota", "-s", "test"]) == 3
    told = capsys.readouterr().out
    assert "10 public AMIs are asked for in eu-west-1" in told
    assert request not in told


def test_aws_recycle_bin_counts(
    quotas: Quotas, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"aws": {}}, visibility="public")
    quotas.bin = [*(f"dstack-0.{number}" for number in range(5)), "dstack-bake-cpu-000000000000"]
    assert counts(asked(capsys, status=3))["eu-west-1 public AMIs"] == (5, 1, 5)


def test_private_stack_needs_no_public_amis(
    quotas: Quotas, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stack(folder, "test", {"aws": {}})
    assert set(asked(capsys)) == {"eu-west-1 AMIs"}


def test_gcp_limit_is_the_projects(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with GcpProject() as project:
        write_stack(folder, "test", {"gcp": {"endpoint": project.address}})
        project.add_image("dstack-0-13")
        assert counts(asked(capsys)) == {f"{PROJECT} images": (1, 2, 10_000)}
        project.api.image_quota = 2
        row = asked(capsys, status=3)[f"{PROJECT} images"]
        assert "ask for 3 of the metric compute.googleapis.com/images" in row["request"]


@pytest.fixture
def azure(
    subscription: AzureSubscription, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AzureSubscription:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    chosen = {
        "endpoint": subscription.address,
        "resourceGroup": PUBLISHED_GROUP,
        "gallery": PUBLISHED_GALLERY,
        "adopt": [PUBLISHED_GALLERY],
    }
    write_stack(folder, "test", {"azure": chosen}, visibility="public")
    return subscription


def test_azure_is_counted(azure: AzureSubscription, capsys: pytest.CaptureFixture[str]) -> None:
    assert counts(asked(capsys)) == {
        "westeurope galleries": (1, 0, 100),
        "westeurope image definitions": (1, 1, 1_000),
        "westeurope image versions": (1, 1, 10_000),
    }


def test_azure_says_that_it_may_not_see_every_gallery(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.add_group("another")
    body = {"location": "westeurope", "properties": {}}
    azure.api.put("another", "Microsoft.Compute/galleries/another", body)
    note = "galleries are counted as far as these credentials see"
    galleries = asked(capsys)["westeurope galleries"]
    assert (galleries["used"], galleries["note"]) == (2, note)
    monkeypatch.setenv("ARM_CLIENT_ID", add_baker(azure, "its-secret"))
    monkeypatch.setenv("ARM_CLIENT_SECRET", "its-secret")
    may_publish(azure, PUBLISHED_GROUP, public=True)
    galleries = asked(capsys)["westeurope galleries"]
    assert (galleries["used"], galleries["note"]) == (1, note)


def test_cloud_that_cannot_be_asked_is_a_problem(
    quotas: Quotas,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    chosen = {"gallery": "some_gallery", "adopt": ["some_gallery"]}
    write_stack(folder, "test", {"azure": chosen, "aws": {}}, visibility="public")
    assert main(["quota", "-s", "test"]) == 1
    told = capsys.readouterr().out
    assert "no subscription of Azure is chosen" in told
    assert "public AMIs" in told
