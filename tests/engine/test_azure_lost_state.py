"""A protected, public stack of Azure whose state was lost: what is there is taken over.

By the words of docs/azure.md, with what `pulumi preview --import-file` writes.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.azure_world import PACKER_GROUP, AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import CHECKOUT, all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.roles import VERSIONS
from tests.simulators.azure.shapes import Request
from tests.simulators.azure.subscription import LOCATION, AzureSubscription

pytestmark = pytest.mark.engine


def commands(tmp_path: Path, word: str) -> str:
    """The block of the page with this word, for files of this test."""
    page = (CHECKOUT / "docs" / "azure.md").read_text(encoding="utf-8")
    (block,) = [one for one in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if word in one]
    return block.replace(". tools/env", ":").replace("/tmp/", f"{tmp_path}/")


def run(prod: CloudStack, script: str) -> None:
    env = prod.pulumi.environment()
    done = subprocess.run(
        ["sh", "-euc", script], cwd=prod.project, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def ids(subscription: AzureSubscription, gallery: dict[str, Any]) -> dict[str, str]:
    """What the table of the page has, by type without its package and module."""
    (application,) = subscription.api.graph.applications.values()
    (trust,) = application["federated"]
    (account,) = (id for id in subscription.resources(PACKER_GROUP) if id.endswith("/records"))
    account = account.partition("/blobServices/")[0]
    principal = subscription.api.login.objects[application["appId"]]
    return {
        "StorageAccount": account,
        "BlobServiceProperties": f"{account}/blobServices/default",
        "BlobContainer": f"{account}/blobServices/default/containers/records",
        "ManagementPolicy": f"{account}/managementPolicies/default",
        "Application": f"/applications/{application['id']}",
        "ServicePrincipal": f"/servicePrincipals/{principal}",
        "ApplicationFederatedIdentityCredential": (
            f"{application['id']}/federatedIdentityCredential/{trust}"
        ),
        "GalleryImage": gallery["definition_id"],
        "GalleryImageVersion": gallery["version_id"],
    }


def remove_roles(subscription: AzureSubscription, given: list[str]) -> None:
    """Assignments first: Azure deletes no role that somebody has."""
    for id in sorted(given, key=lambda id: "/roleDefinitions/" in id):
        version = VERSIONS[id.split("/")[-2]]
        request = Request("DELETE", id, {"api-version": version})
        subscription.api.arm.call(request, PERSON_OBJECT)


def take_over(prod: CloudStack, tmp_path: Path, known: Mapping[str, str]) -> set[str]:
    """As the page says; gives the types that were."""
    run(prod, commands(tmp_path, "--import-file"))
    file = tmp_path / "import.json"
    plan = json.loads(file.read_text())
    taken = {one["type"].rpartition(":")[2]: one for one in plan["resources"] if "id" in one}
    for kind, one in taken.items():
        one["id"] = known[kind]
    file.write_text(json.dumps(plan))
    take, _ = commands(tmp_path, "pulumi import").splitlines()
    run(prod, f"{take} --yes")
    return {*taken}


def test_protected_stack_takes_over_what_is_there(
    tmp_path: Path, azure: AzureWorld, warm: WarmPython, subscription: AzureSubscription
) -> None:
    prod = CloudStack.open(tmp_path, azure, warm, "prod")
    prod.configure_cloud(variants={"cpu": {}}, regions=[LOCATION])
    prod.up()
    (before,) = prod.pulumi.images()
    client = prod.pulumi.outputs()["AZURE_CLIENT_ID"]
    roles = [one["id"] for one in prod.pulumi.resources() if ":Role" in one["type"]]
    shutil.rmtree(prod.pulumi.home / "state")
    prod.pulumi.init()

    known = ids(subscription, before["place"]["gallery"])
    remove_roles(subscription, roles)
    assert take_over(prod, tmp_path, known) == known.keys()
    prod.up()

    (after,) = prod.pulumi.images()
    assert after["place"] == before["place"]
    assert prod.pulumi.outputs()["AZURE_CLIENT_ID"] == client
    assert prod.runs() == (1, 1), "the content is what it was"
    assert all_unchanged(prod.up())
    refused = prod.pulumi.destroy(check=False)
    assert "cannot be deleted" in refused.output, "and protected as before"

    # One that was made and not recorded.
    (version,) = prod.pulumi.resources("azure-native:compute:GalleryImageVersion")
    lost = ("--force", "--target-dependents", "--yes", "--stack", "prod")
    prod.pulumi.run("state", "delete", version["urn"], *lost)
    refused = prod.up(check=False)
    assert "is public, but the stack's state does not know it" in refused.output
    assert take_over(prod, tmp_path, known) == {"GalleryImageVersion"}
    prod.up()
    assert prod.pulumi.images() == [after]
