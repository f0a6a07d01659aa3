"""What a service principal of Azure belongs to, and what a preview says of its roles."""

import json
from pathlib import Path

import pytest

from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.subscription import LOCATION, AzureSubscription

pytestmark = pytest.mark.engine

COLLEAGUE = "c3f6e1d4-5d80-4c7a-9e9f-2a3b4c5d6e7f"


@pytest.fixture
def prod(tmp_path: Path, azure: AzureWorld, warm: WarmPython) -> CloudStack:
    """The protected stack with one variant, up, whose principal a workflow uses."""
    stack = CloudStack.open(tmp_path, azure, warm, "prod")
    stack.configure_cloud(variants={"cpu": {}}, regions=[LOCATION])
    stack.up()
    return stack


def changed(stack: CloudStack) -> dict[str, str]:
    """What a preview shows, but for what stays."""
    planned = json.loads(stack.pulumi.preview("--json").stdout)["steps"]
    steps = {step["urn"].rpartition("::")[2]: step["op"] for step in planned}
    return {name: op for name, op in steps.items() if op != "same"}


def test_who_registers_it_owns_it(prod: CloudStack, subscription: AzureSubscription) -> None:
    """No administrator: he may make the principal, its trust, and later a secret. Whom he lets own
    it as well stays one, whoever runs `up` next."""
    graph = subscription.api.graph
    owned = [*graph.applications]
    owned += [one["id"] for one in graph.principals.values() if one["id"] != PERSON_OBJECT]
    assert [graph.owners.of(id) for id in owned] == [[PERSON_OBJECT]] * 2
    for id in owned:
        graph.owners.add(id, COLLEAGUE)
    prod.pulumi.refresh()
    assert all_unchanged(prod.up())
    prod.configure_cloud(clientSecret={"rotateAfterDays": 90})
    prod.up()
    assert [graph.owners.of(id) for id in owned] == [[PERSON_OBJECT, COLLEAGUE]] * 2


def test_preview_shows_what_changes_and_no_more(prod: CloudStack) -> None:
    permissions = prod.project / "components/azure/permissions.py"
    text = permissions.read_text(encoding="utf-8")
    permissions.write_text(text.replace("BUILD = (", 'BUILD = (\n    "Microsoft.Compute/x/read",'))
    assert changed(prod) == {"azure-baker-build-role": "update"}
    prod.up()
    assert changed(prod) == {}
    prod.configure_cloud(regions=[LOCATION, "northeurope"])
    assert changed(prod) == {
        "azure-preflight": "replace",
        "azure-cpu-0.14-version": "update",
        "azure-cpu-0.14-check-published": "replace",
    }
