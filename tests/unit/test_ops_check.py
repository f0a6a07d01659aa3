"""`python -m ops check` in simulated clouds: what a server would boot, and what it would not."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from images.azure import AzureGallery
from images.contract import Image, Missing
from images.local import LocalPlace
from ops.__main__ import main
from tests.fakes.aws_content import make_ami
from tests.fakes.contracts import aws_place, azure_place, contract_json, gcp_place, image
from tests.fakes.stack_files import use_folder, write_stack
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import (
    LOCATION,
    PUBLIC_NAME,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.simulators.gcp.api import Refused
from tests.simulators.gcp.project import PROJECT, GcpProject
from tests.unit.test_azure_publication_checks import NAME, NUMBER, OURS, add_version, define

pytestmark = pytest.mark.unit

REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture(scope="module")
def server() -> Iterator[GcpProject]:
    with GcpProject() as found:
        yield found


@pytest.fixture
def project(server: GcpProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GcpProject:
    server.reset()
    use_folder(tmp_path, monkeypatch)
    write_stack(tmp_path, "test", {"gcp": {"endpoint": server.address}})
    return server


@pytest.fixture
def azure(
    subscription: AzureSubscription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AzureSubscription:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    use_folder(tmp_path, monkeypatch)
    write_stack(tmp_path, "test", {"azure": {"endpoint": subscription.address}})
    return subscription


class Asked:
    """Runs the command on a contract of these images, and keeps what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *images: Image, stack: bool = True) -> dict[str, Any]:
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(contract_json(*images)))
        status = main(["check", "--json", *(("-s", "test") if stack else ())])
        answer = json.loads(self._capsys.readouterr().out)
        assert (status == 0) == answer["ok"], status
        return answer

    def problems(self, *images: Image, stack: bool = True) -> dict[str, str]:
        """Place and servers -> what is wrong."""
        return {
            f"{look['where']} {look['servers']}": look["problem"]
            for look in self(*images, stack=stack)["looks"]
            if look["problem"]
        }


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    monkeypatch.setenv("COLUMNS", "200")
    return Asked(monkeypatch, capsys)


# AWS


def publish(region: str, name: str = "dstack-0.15", *, public: bool = True) -> str:
    client = boto3.client("ec2", region_name=region)
    ami = make_ami(client, name, {})
    if public:
        client.modify_image_attribute(ImageId=ami, LaunchPermission={"Add": [{"Group": "all"}]})
    return ami


def test_aws_is_asked_in_each_region(ec2: Any, check: Asked) -> None:
    amis = {region: publish(region) for region in REGIONS}
    answer = check(image("dstack-0.15", aws_place(amis, DEFAULT_ACCOUNT_ID)), stack=False)
    assert {look["where"]: look["boots"] for look in answer["looks"]} == amis
    assert answer["notes"] == [
        f"aws: images are in the account {DEFAULT_ACCOUNT_ID}, and dstack's own servers ask "
        "142421590066"
    ]


def test_aws_problems_are_those_of_servers(ec2: Any, check: Asked) -> None:
    amis = {region: publish(region, public=False) for region in REGIONS}
    amis["eu-west-2"] = "ami-0123456789abcdef0"
    newer = publish("us-east-1")
    boto3.client("ec2", region_name="us-east-1").deregister_image(ImageId=amis["us-east-1"])
    found = check.problems(image("dstack-0.15", aws_place(amis, DEFAULT_ACCOUNT_ID)), stack=False)
    assert found == {
        "eu-west-1 all": f"{amis['eu-west-1']} is private: only its owner can boot it",
        "us-east-1 all": f"servers boot {newer}, and not {amis['us-east-1']}",
        "eu-west-2 all": "servers find no AMI of that name",
    }


# Azure


def version_place(number: str = NUMBER) -> Any:
    gallery = AzureGallery(
        name=PUBLISHED_GALLERY,
        public_name=PUBLIC_NAME,
        definition_id="d",
        version=number,
        version_id="v",
        replicas={"West Europe": 1, "northeurope": 1},
        end_of_life=None,
    )
    return azure_place(SUBSCRIPTION, PUBLISHED_GROUP, LOCATION, gallery=gallery)


def test_azure_is_asked_as_both_generations_do(azure: AzureSubscription, check: Asked) -> None:
    define(azure, **OURS)
    add_version(azure, LOCATION, "northeurope", excluded=False)
    answer = check(image(NAME, version_place()))
    address = f"/CommunityGalleries/{PUBLIC_NAME}/Images/{NAME}"
    assert [(look["where"], look["servers"], look["boots"]) for look in answer["looks"]] == [
        (LOCATION, "to 0.22.3", address),
        (LOCATION, "from 0.22.4", f"{address} ({NUMBER})"),
        ("northeurope", "to 0.22.3", address),
        ("northeurope", "from 0.22.4", f"{address} ({NUMBER})"),
    ]
    assert answer["notes"] == []


def test_azure_version_left_excluded_serves_only_old_servers(
    azure: AzureSubscription, check: Asked
) -> None:
    define(azure, **OURS)
    add_version(azure, LOCATION, "northeurope", excluded=True)
    words = f"no version is there for servers: {NUMBER} is excluded from the latest"
    found = check.problems(image(NAME, version_place()))
    assert found == {f"{LOCATION} from 0.22.4": words, "northeurope from 0.22.4": words}


def test_azure_region_that_lags_is_told(azure: AzureSubscription, check: Asked) -> None:
    define(azure, **OURS)
    add_version(azure, LOCATION, excluded=False)
    found = check.problems(image(NAME, version_place()))
    assert found == {
        "northeurope to 0.22.3": f"servers find no such image in {PUBLIC_NAME}",
        "northeurope from 0.22.4": "no version is there for servers",
    }
    found = check.problems(image(NAME, version_place("2027.101.0")))
    assert found[f"{LOCATION} from 0.22.4"] == f"servers boot version {NUMBER}, and not 2027.101.0"


def test_azure_managed_image_is_looked_for_in_its_group(
    azure: AzureSubscription, check: Asked
) -> None:
    place = azure_place(SUBSCRIPTION, PUBLISHED_GROUP, LOCATION, image_id="i")
    staged = image("stgn-1-dstack-0.15", place, prefix="stgn-1-")
    assert check.problems(staged) == {
        f"{LOCATION} all": "servers find no managed image of that name"
    }
    azure.add_image(PUBLISHED_GROUP, "stgn-1-dstack-0.15")
    assert check.problems(staged) == {}


# Google, this machine


def test_gcp_is_asked_by_name_and_content(project: GcpProject, check: Asked) -> None:
    published = image("dstack-0-15", gcp_place(PROJECT, "dstack-0-15"))
    assert check.problems(published) == {
        "all regions all": f"servers find no image of that name in {PROJECT}"
    }
    project.add_image("dstack-0-15")
    made = project.images()["dstack-0-15"]
    (problem,) = check.problems(published).values()
    assert problem == f"servers boot image {made['id']}, and not {published.place.id}"  # pyright: ignore
    made["id"] = published.place.id  # pyright: ignore
    assert check.problems(published) == {
        "all regions all": "it is private: servers of others cannot boot it"
    }
    made["deprecated"] = {"state": "OBSOLETE"}
    (problem,) = check.problems(published).values()
    assert problem == "it is marked obsolete or deleted: no machine may be made of it"
    made["deprecated"] = {"state": "DEPRECATED"}
    policy = "/images/dstack-0-15/getIamPolicy"
    project.api.refusals.append(("GET", policy, Refused(403, "forbidden", "not yours")))
    assert check.problems(published) == {}, "whoever is not the owner sees no policy"


def test_local_file_is_looked_at(tmp_path: Path, check: Asked) -> None:
    file = tmp_path / "dstack-0.15.qcow2"
    published = image("dstack-0.15", LocalPlace(path=str(file), size_bytes=3, sha256="0" * 64))
    assert check.problems(published, stack=False) == {"here all": "there is no such file"}
    file.write_bytes(b"abcd")
    (problem,) = check.problems(published, stack=False).values()
    assert problem.startswith("it has 4 bytes")


# The command


def test_line_for_the_servers_comes_after_all_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "dstack-0.15.qcow2"
    published = image("dstack-0.15", LocalPlace(path=str(file), size_bytes=3, sha256="0" * 64))
    document = tmp_path / "contract.json"
    document.write_text(contract_json(published))
    assert main(["check", str(document)]) == 3
    assert "vm_base_image" not in capsys.readouterr().out
    file.write_bytes(b"abc")
    assert main(["check", str(document)]) == 0
    assert 'vm_base_image = "0.15"' in capsys.readouterr().out


def test_cloud_without_credentials_does_not_hide_the_others(
    azure: AzureSubscription, check: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    here = image("x", LocalPlace(path=str(tmp_path / "none"), size_bytes=3, sha256="0" * 64))
    found = check.problems(image(NAME, version_place()), here)
    assert "no subscription of Azure is chosen" in found["everywhere all"]
    assert "here all" in found


def test_what_the_contract_knows_to_be_missing_is_told(check: Asked, tmp_path: Path) -> None:
    lacking = [Missing(place="eu-west-1", reason="it was not baked")]
    place = LocalPlace(path=str(tmp_path), size_bytes=0, sha256="0" * 64)
    partial = image("dstack-0.15", place).model_copy(
        update={"cloud": "aws", "place": None, "content": None, "missing": lacking}
    )
    document = tmp_path / "contract.json"
    document.write_text(contract_json(partial))
    assert main(["check", str(document)]) == 1, "nothing is current"
    assert main(["check", str(document), "--release", "0.15"]) == 3
