"""Stacks of Azure whose groups change afterwards: what the service principal may do goes along."""

from pathlib import Path

import pytest

from tests.engine.azure_world import BUILD_GROUP, PACKER_GROUP, AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.shapes import SUBSCRIPTION
from tests.simulators.azure.subscription import (
    LOCATION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)

pytestmark = pytest.mark.engine

ASSIGNMENT = "azure-native:authorization:RoleAssignment"


def opened(
    tmp_path: Path, azure: AzureWorld, warm: WarmPython, stack: str, **regions: object
) -> CloudStack:
    """The stack with one variant and a principal, up."""
    made = CloudStack.open(tmp_path, azure, warm, stack)
    made.configure_cloud(variants={"cpu": {}}, clientSecret={"rotateAfterDays": 90}, **regions)
    made.up()
    return made


def places(stack: CloudStack) -> dict[str, str]:
    """Of each role that is given: the last word of where."""
    given = {
        one["urn"].rpartition("azure-baker-")[2]: one["inputs"]["scope"].rpartition("/")[2]
        for one in stack.pulumi.resources(ASSIGNMENT)
    }
    del given["records"]
    return given


def test_roles_follow_the_groups(
    tmp_path: Path, azure: AzureWorld, warm: WarmPython, subscription: AzureSubscription
) -> None:
    staging = opened(tmp_path, azure, warm, "staging")
    assert places(staging) == {
        "build": BUILD_GROUP,
        "content": PACKER_GROUP,
        "publish": PUBLISHED_GROUP,
        "look": SUBSCRIPTION,
    }
    staging.configure_cloud(buildGroup="builds", resourceGroup="names", adopt=[PACKER_GROUP])
    staging.up()
    assert places(staging) == {
        "build": "builds",
        "content": PACKER_GROUP,
        "publish": "names",
        "look": SUBSCRIPTION,
    }
    assert list(subscription.images("names")) == ["stgn-0-dstack-0.14"]
    assert all_unchanged(staging.up())


def test_machines_of_a_protected_stack_move(
    tmp_path: Path, azure: AzureWorld, warm: WarmPython
) -> None:
    prod = opened(tmp_path, azure, warm, "prod", regions=[LOCATION])
    client = prod.pulumi.outputs()["AZURE_CLIENT_ID"]
    prod.configure_cloud(buildGroup="builds", adopt=[PUBLISHED_GROUP, PUBLISHED_GALLERY])
    prod.up()
    assert places(prod)["build"] == "builds"
    assert prod.pulumi.outputs()["AZURE_CLIENT_ID"] == client
