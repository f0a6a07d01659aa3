"""Whom a service principal of Azure belongs to."""

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
