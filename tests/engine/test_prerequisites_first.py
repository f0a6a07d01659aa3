"""A first `up` of prod that publishes nothing: what images need is there before any image is."""

from pathlib import Path

import pytest

from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

#: Outputs that workflows log in with, where a stack makes what they name.
LOGINS = {
    "aws": {"aws_role"},
    "azure": {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"},
    "gcp": {"gcp_provider", "gcp_service_account"},
    "oci": set[str](),
}


def kept(stack: CloudStack) -> dict[str, str]:
    """URN to ID of what the cloud has made for the stack, commands left out."""
    return {
        found["urn"]: found.get("id", "")
        for found in stack.pulumi.resources()
        if found.get("custom") and found["type"] != "command:local:Command"
    }


def test_identities_and_stores_come_before_the_first_release(
    tmp_path: Path, world: CloudHarness, warm: WarmPython
) -> None:
    prod = CloudStack.open(tmp_path, world, warm, "prod")
    prod.configure(releases=[])
    prod.up()
    outputs = prod.pulumi.outputs()
    assert (world.published(), world.bakes(), prod.runs()) == ({}, [], (0, 0))
    found = outputs["contract"]
    assert (found["current"], found["releases"], found["server_env"]) == (None, [], None)
    # Pulumi keeps no output that is null.
    assert not {"version", "server_env"} & set(outputs)
    assert outputs["images"] == {}
    assert LOGINS[world.cloud] <= {name for name, value in outputs.items() if value}
    assert all_unchanged(prod.up())

    prerequisites = kept(prod)
    prod.configure(releases=["0.14"])
    prod.up()
    assert sorted(world.published()) == sorted(world.prod_places)
    assert prerequisites.items() <= kept(prod).items()

    published, runs = world.published(), prod.runs()
    prod.configure(releases=[])
    refused = prod.up(check=False)
    assert refused.returncode != 0, "nobody loses a release in one step"
    assert "protect" in refused.output
    assert (world.published(), prod.runs()) == (published, runs)
