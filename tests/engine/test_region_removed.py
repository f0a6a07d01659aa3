"""A region is taken away from a protected stack, by the words of docs/how-it-works.md."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import CHECKOUT, all_unchanged
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.shapes import HOME as OCI_HOME

pytestmark = pytest.mark.engine

NAME, REGION, MILAN = "dstack-0.14", "eu-west-3", "eu-milan-1"


def unprotect(prod: CloudStack, region: str) -> None:
    """What the page has done before `up`, in this region."""
    page = (CHECKOUT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    (block,) = [
        one for one in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "unprotect" in one
    ]
    assert REGION in block
    script = block.replace(". tools/env", ":").replace(REGION, region)
    env = prod.pulumi.environment()
    done = subprocess.run(
        ["sh", "-euc", script], cwd=prod.project, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_region_of_aws(tmp_path: Path, aws: AwsWorld, warm: WarmPython) -> None:
    """What is beside it stays as protected as it was."""
    prod = CloudStack.open(tmp_path, aws, warm, "prod")
    regions = [HOME, REGION]
    prod.configure_cloud(variants={"cpu": {}}, regions=regions, parameters="/dstack/images")
    prod.up()
    prod.configure_cloud(regions=[HOME])
    refused = prod.up(check=False)
    assert refused.returncode != 0
    assert aws.published() == {HOME: [NAME], REGION: [NAME]}

    unprotect(prod, REGION)
    prod.up()
    assert aws.published() == {HOME: [NAME]}
    assert prod.pulumi.outputs()["version"] == "0.14"
    assert all_unchanged(prod.up())
    assert "cannot be deleted" in prod.pulumi.destroy(check=False).output
    assert aws.is_public(HOME, NAME)


def test_region_of_oracle(tmp_path: Path, oci: OciWorld, warm: WarmPython) -> None:
    """With its listing, and no other one's."""
    prod = CloudStack.open(tmp_path, oci, warm, "prod")
    prod.configure_cloud(variants={"cpu": {}}, regions=[OCI_HOME, MILAN])
    prod.up()
    for region in (OCI_HOME, MILAN):
        oci.tenancy.api.region(region).market.approve(NAME)
    prod.up()
    prod.configure_cloud(regions=[OCI_HOME])
    assert prod.up(check=False).returncode != 0
    assert oci.is_public(MILAN, NAME)

    unprotect(prod, MILAN)
    prod.up()
    assert oci.published() == {OCI_HOME: [NAME]}
    assert (oci.is_public(OCI_HOME, NAME), oci.is_public(MILAN, NAME)) == (True, False)
    assert prod.pulumi.outputs()["version"] == "0.14"
