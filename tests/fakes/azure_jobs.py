"""Jobs of the bakery in a simulated subscription of Azure."""

from typing import Any

from components.azure.permissions import BUILD, CONTENT, LOOK, publish
from images.azure import AzureTarget
from images.job import BakeJob
from tests.fakes.bake_jobs import bake_job
from tests.simulators.azure.login import PERSON, PERSON_OBJECT, SECRET
from tests.simulators.azure.roles import BLOB_CONTRIBUTOR
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import LOCATION, PUBLISHED_GROUP, AzureSubscription

GROUP, BUILD_GROUP = "packer", "packer-build-westeurope"
ACCOUNT, CONTAINER = "dstackimagestest", "records"
SOURCE = "canonical:ubuntu-24_04-lts:server"

#: Client and object id of a principal of the stack.
BAKER = "c3d6e1b4-5d80-4c7a-9e9f-2a3b4c5d6e7f"
#: Whoever runs the tests, as Azure's own libraries are told.
PERSONS = {"AZURE_CLIENT_ID": PERSON, "AZURE_CLIENT_SECRET": SECRET}


def target(subscription: AzureSubscription, **changes: Any) -> AzureTarget:
    found = AzureTarget(
        subscription=SUBSCRIPTION,
        tenant=TENANT,
        location=LOCATION,
        endpoint=subscription.address,
        group=GROUP,
        build_group=BUILD_GROUP,
        publication=PUBLISHED_GROUP,
        gallery=None,
        public_name=None,
        source=SOURCE,
        vm_size="Standard_D2s_v6",
        verify_vm_size="Standard_NV6ads_A10_v5",
        ssh_from=["192.0.2.1/32"],
        account=ACCOUNT,
        container=CONTAINER,
        fresh_identity=False,
    )
    return found.model_copy(update=changes)


def job(target: AzureTarget) -> BakeJob:
    return bake_job(target, 30)


def add_baker(subscription: AzureSubscription, secret: str) -> str:
    """A principal that may do what a stack's may, and no more; returns its client's id."""
    api, own = subscription.api, f"/subscriptions/{SUBSCRIPTION}"
    api.login.clients[BAKER] = {secret}
    api.login.objects[BAKER] = BAKER
    for scope, actions in (
        (f"{own}/resourceGroups/{GROUP}", CONTENT),
        (f"{own}/resourceGroups/{BUILD_GROUP}", BUILD),
        (own, LOOK),
    ):
        api.arm.roles.allow(BAKER, actions, scope)
    api.arm.roles.grant(BAKER, BLOB_CONTRIBUTOR, f"{own}/resourceGroups/{GROUP}")
    return BAKER


def may_publish(subscription: AzureSubscription, group: str, *, public: bool) -> None:
    """The same principal, for a stack that is kept: into the group."""
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    subscription.api.arm.roles.allow(BAKER, publish(public=public, protect=True), scope)


def prepare(subscription: AzureSubscription) -> None:
    """Groups and the container of records, as a stack makes them: the person is an operator."""
    subscription.add_group(GROUP, "eastus")
    subscription.add_group(BUILD_GROUP)
    add_account(subscription, ACCOUNT)


def add_account(subscription: AzureSubscription, name: str) -> None:
    """A stack's storage account with its container, into which the person may write."""
    account = f"Microsoft.Storage/storageAccounts/{name}"
    made = subscription.api.put(
        GROUP,
        account,
        {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
    )
    subscription.api.arm.roles.grant(PERSON_OBJECT, BLOB_CONTRIBUTOR, made["id"])
    subscription.api.put(GROUP, f"{account}/blobServices/default/containers/{CONTAINER}", {})
