"""The state of a public, protected stack of AWS is lost: what is published is taken over."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

NAME, OTHER_REGION = "dstack-0.14", "us-east-2"
IMPORT = ("--skip-preview", "--yes", "--generate-code=false")


@pytest.fixture
def prod(tmp_path: Path, aws: AwsWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant in two regions, up."""
    stack = CloudStack.open(tmp_path, aws, warm, "prod")
    stack.configure_cloud(variants={"cpu": {}}, regions=[HOME, OTHER_REGION])
    stack.up()
    return stack


def adopt(prod: CloudStack, tmp_path: Path) -> Path:
    """The document, for the stack's present state."""
    state, document = tmp_path / "state.json", tmp_path / "adopt.json"
    state.write_text(prod.pulumi.run("stack", "export", "--stack", "prod").stdout)
    done = subprocess.run(
        [sys.executable, "-m", "ops", "adopt", "-s", "prod", str(state)],
        cwd=prod.project,
        env=prod.pulumi.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document.write_text(done.stdout)
    return document


def changed(prod: CloudStack) -> dict[str, str]:
    """Name to what a preview would do, of all that the state has."""
    planned: list[dict[str, Any]] = json.loads(prod.pulumi.preview("--json").stdout)["steps"]
    has = {one["urn"] for one in prod.pulumi.resources()}
    return {
        one["urn"].rpartition("::")[2]: one["op"]
        for one in planned
        if one["urn"] in has and one["op"] != "same"
    }


def test_everything_is_taken_over(prod: CloudStack, aws: AwsWorld, tmp_path: Path) -> None:
    before, runs = prod.pulumi.images()[0], prod.runs()
    prod.pulumi.run("stack", "rm", "prod", "--force", "--yes", "--preserve-config")
    prod.pulumi.run("stack", "init", "prod")
    # The release is behind its sources by now: nothing may bake.
    prod.edit("packer/provision/docker.sh")

    prod.pulumi.run("import", "--stack", "prod", "--file", str(adopt(prod, tmp_path)), *IMPORT)
    # What its importer does not say is no setting of S3's.
    told = {"aws-records-bucket": "update"}
    assert changed(prod) == told
    prod.pulumi.refresh()
    assert changed(prod) == told
    copies = {one["id"] for one in prod.pulumi.resources(aws.publication)}
    assert copies == {one["ami"] for one in before["place"]["regions"].values()}
    prod.up()
    assert prod.pulumi.images()[0] == before
    assert prod.runs() == runs
    assert aws.published() == {HOME: [NAME], OTHER_REGION: [NAME]}
    assert all_unchanged(prod.up())


def snapshots(aws: AwsWorld) -> list[str]:
    found = aws.ec2(OTHER_REGION).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [one["SnapshotId"] for one in found]


def test_one_copy_is_taken_over(prod: CloudStack, aws: AwsWorld, tmp_path: Path) -> None:
    """Somebody has deleted it from the state; what retires it takes its snapshot along."""
    (copy,) = (
        one for one in prod.pulumi.resources(aws.publication) if one["urn"].endswith(OTHER_REGION)
    )
    lost = ("--force", "--target-dependents", "--yes", "--stack", "prod")
    prod.pulumi.run("state", "delete", copy["urn"], *lost)
    refused = prod.up(check=False)
    assert refused.returncode != 0
    assert f"{copy['id']} is public as {NAME}, but the stack's state does not" in refused.output

    bare = (aws.publication, f"aws-cpu-0.14-{OTHER_REGION}", copy["id"])
    whose = ("--parent", f"image={copy['parent']}")
    provider = ("--provider", f"aws={copy['provider'].rpartition('::')[0]}")
    failed = prod.pulumi.run(
        "import", "--stack", "prod", *bare, *whose, *provider, *IMPORT, check=False
    )
    assert "does not exist" in failed.output, "Pulumi's own importer finds none but at home"

    (ami,) = aws.amis(OTHER_REGION)
    snapshot = ami["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    assert snapshot in snapshots(aws)
    document = adopt(prod, tmp_path)
    assert [one["id"] for one in json.loads(document.read_text())["resources"]] == [copy["id"]]
    prod.pulumi.run("import", "--stack", "prod", "--file", str(document), *IMPORT)
    assert changed(prod) == {}
    prod.up()
    assert all_unchanged(prod.up())

    prod.configure(releases=["0.14", "0.15"], retiring={"0.14": "2027-03-31"})
    prod.up()
    prod.configure(releases=["0.15"], retiring={})
    prod.up()
    assert aws.published() == {HOME: ["dstack-0.15"], OTHER_REGION: ["dstack-0.15"]}
    assert snapshot not in snapshots(aws)
