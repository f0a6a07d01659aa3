"""Bakes in simulated clouds, and stacks that use them, for tests of day-2 commands."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from bakery.records.labels import described
from bakery.records.tags import to_tags
from images.labels import label
from images.naming import snapshot_name
from images.tags import BAKE, EXPIRES, RECORD, RELEASE, RUN_OWNER, STACK
from ops.__main__ import main
from tests.fakes.aws_content import make_ami
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP
from tests.fakes.stack_files import use_folder, write_stack
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import (
    OLD_DEFINITION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.simulators.gcp.project import GcpProject
from tests.unit.unit_samples import bake_record, soon

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
