"""A region of Azure that is taken out of the list: servers of what is protected keep it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.test_azure_stack import COMMUNITY, NAME
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.resources import GALLERIES
from tests.simulators.azure.shapes import Request
from tests.simulators.azure.subscription import LOCATION, AzureSubscription

pytestmark = pytest.mark.engine

OTHER_REGION, NEWER = "northeurope", "stgn-0-dstack-0.15"


@pytest.fixture
def prod(tmp_path: Path, azure: AzureWorld, warm: WarmPython) -> CloudStack:
    """A release for everyone that is protected, in two regions."""
    stack = CloudStack.open(tmp_path, azure, warm)
    stack.configure(visibility="public", immutable=True)
    stack.configure_cloud(
        variants={"cpu": {}},
        gallery="images",
        community=COMMUNITY,
        regions=[LOCATION, OTHER_REGION],
    )
    stack.up()
    return stack


def test_protected_version_loses_no_region_by_a_changed_list(
    prod: CloudStack, subscription: AzureSubscription
) -> None:
    """A person takes it away at Azure, then from the list. A whole release goes as ever."""
    told = f"{OTHER_REGION} is not in `regions` any more"
    prod.configure_cloud(regions=[LOCATION])
    assert told in prod.pulumi.preview().output
    refused = prod.up(check=False)
    assert refused.returncode != 0
    assert "allowDeletionOfReplicatedLocations is false" in refused.output
    assert subscription.offered("images").keys() == {LOCATION, OTHER_REGION}

    update(subscription, {"safetyProfile": {"allowDeletionOfReplicatedLocations": True}})
    update(subscription, {"publishingProfile": {"targetRegions": [{"name": LOCATION}]}})
    prod.up()
    assert subscription.offered("images") == {LOCATION: [NAME]}
    assert kept(subscription) == {NAME: True}
    assert told not in prod.up().output

    prod.configure(releases=["0.14", "0.15"], retiring={"0.14": "2099-03-31"})
    prod.up()
    assert kept(subscription) == {NAME: False, NEWER: True}
    prod.configure(releases=["0.15"], retiring={})
    prod.up()
    assert kept(subscription) == {NEWER: True}


def update(subscription: AzureSubscription, properties: dict[str, Any]) -> None:
    """As `az sig image-version update` does."""
    ((_, body),) = subscription.versions("images")[NAME].items()
    given = json.dumps({"properties": properties}).encode()
    request = Request("PATCH", body["id"], {"api-version": GALLERIES}, body=given)
    subscription.api.arm.call(request, PERSON_OBJECT)
    subscription.api.arm.operations.settle(all=True)


def kept(subscription: AzureSubscription) -> dict[str, bool]:
    """Name to whether its version keeps all of its regions, whatever is written."""
    found = subscription.versions("images")
    return {
        name: not body["properties"]["safetyProfile"]["allowDeletionOfReplicatedLocations"]
        for name, versions in found.items()
        for body in versions.values()
    }
