"""Who may do what in the simulated Azure, and what it says of what is not there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulators.azure.resources import COMPUTE, DISKS, GALLERIES
from tests.simulators.azure.roles import BLOB_CONTRIBUTOR
from tests.simulators.azure.shapes import SUBSCRIPTION, Answer, Refused, Request
from tests.simulators.azure.subscription import (
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)

pytestmark = pytest.mark.unit

OWN = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{OWN}/resourceGroups/{PUBLISHED_GROUP}"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/{PUBLISHED_GALLERY}"
WHO = "somebody"


@pytest.fixture(scope="module")
def server() -> Iterator[AzureSubscription]:
    with AzureSubscription() as found:
        yield found


@pytest.fixture
def subscription(server: AzureSubscription) -> AzureSubscription:
    server.reset()
    return server


def ask(
    subscription: AzureSubscription, method: str, path: str, version: str, body: str = ""
) -> Answer:
    request = Request(method, path, {"api-version": version}, body=body.encode())
    return subscription.api.arm.call(request, WHO)


def refused(*asked: Any) -> Refused:
    with pytest.raises(Refused) as found:
        ask(*asked)
    return found.value


def test_a_role_is_for_its_scope_and_below(subscription: AzureSubscription) -> None:
    image = f"{GROUP}/providers/Microsoft.Compute/images/none"
    assert refused(subscription, "GET", image, COMPUTE).code == "AuthorizationFailed"
    subscription.add_group("another")
    read = ["Microsoft.Compute/images/read"]
    subscription.api.arm.roles.allow(WHO, read, f"{OWN}/resourceGroups/another")
    assert refused(subscription, "GET", image, COMPUTE).code == "AuthorizationFailed"
    subscription.api.arm.roles.allow(WHO, read, GROUP)
    assert refused(subscription, "GET", image, COMPUTE).code == "ResourceNotFound"
    words = str(refused(subscription, "DELETE", image, COMPUTE))
    assert "'Microsoft.Compute/images/delete' over scope" in words


def test_a_list_is_of_what_may_be_read_and_never_refused(subscription: AzureSubscription) -> None:
    subscription.add_image(PUBLISHED_GROUP, "i")
    images = f"{GROUP}/providers/Microsoft.Compute/images"
    everywhere = f"{OWN}/providers/Microsoft.Compute/galleries"
    for path, version in ((images, COMPUTE), (everywhere, GALLERIES)):
        assert ask(subscription, "GET", path, version).body == {"value": []}
    read = ["Microsoft.Compute/images/read", "Microsoft.Compute/galleries/read"]
    subscription.api.arm.roles.allow(WHO, read, GROUP)
    for path, version in ((images, COMPUTE), (everywhere, GALLERIES)):
        found = ask(subscription, "GET", path, version).body
        assert isinstance(found, dict)
        assert len(found["value"]) == 1


def test_what_a_body_refers_to_takes_a_right_too(subscription: AzureSubscription) -> None:
    disk = subscription.add_disk(PUBLISHED_GROUP, "d")["id"]
    snapshot = f"{GROUP}/providers/Microsoft.Compute/snapshots/s"
    creation = f'{{"createOption": "Copy", "sourceResourceId": "{disk}"}}'
    body = f'{{"location": "westeurope", "properties": {{"creationData": {creation}}}}}'
    roles = subscription.api.arm.roles
    roles.allow(WHO, ["Microsoft.Compute/snapshots/write"], GROUP)
    asked = (subscription, "PUT", snapshot, DISKS, body)
    assert refused(*asked).code == "LinkedAuthorizationFailed"
    roles.allow(WHO, ["Microsoft.Compute/disks/beginGetAccess/action"], GROUP)
    operation = ask(*asked).headers["Azure-AsyncOperation"].partition("?")[0]
    path = operation[operation.index("/subscriptions/") :]
    assert "/Microsoft.Compute/locations/westeurope/DiskOperations/" in path
    assert "locations/DiskOperations/read" in str(refused(subscription, "GET", path, DISKS))
    # As Azure's documents spell it.
    roles.allow(WHO, ["Microsoft.Compute/locations/diskOperations/read"], OWN)
    assert ask(subscription, "GET", path, DISKS).status == 200


def test_data_is_not_an_owners(subscription: AzureSubscription) -> None:
    roles, blob = subscription.api.arm.roles, "Microsoft.Storage/.../blobs/write"
    roles.allow(WHO, ["*"], OWN)
    assert roles.allows(WHO, blob, GROUP)
    assert not roles.allows(WHO, blob, GROUP, data=True)
    roles.grant(WHO, BLOB_CONTRIBUTOR, GROUP)
    write = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"
    assert roles.allows(WHO, write, f"{GROUP}/providers/x", data=True)
    assert not roles.allows(WHO, write, OWN, data=True)


def test_below_what_is_absent_there_is_another_error(subscription: AzureSubscription) -> None:
    subscription.api.arm.roles.allow(WHO, ["*"], OWN)
    found = refused(subscription, "GET", f"{GALLERY}/images/none", GALLERIES)
    assert (found.status, found.code) == (404, "ResourceNotFound")
    found = refused(subscription, "GET", f"{GALLERY}/images/none/versions/1.0.0", GALLERIES)
    assert (found.status, found.code) == (404, "ParentResourceNotFound")
    assert "Failed to perform 'read' on resource(s) of type 'galleries/images/versions'" in str(
        found
    )


def test_a_version_is_not_taken_as_it_is_answered(subscription: AzureSubscription) -> None:
    subscription.api.arm.roles.allow(WHO, ["*"], OWN)
    (one,) = subscription.api.arm.resources.of("Microsoft.Compute/galleries/images/versions")
    profile = one["properties"]["storageProfile"]
    assert profile["source"]["id"]
    assert profile["osDiskImage"]["source"] == {}
    both = {"source": {"id": "/x"}, "osDiskImage": {"hostCaching": "ReadWrite", "source": {}}}
    update = {"properties": {"storageProfile": both}}
    for method, body in (("PUT", {"location": "westeurope", **update}), ("PATCH", update)):
        found = refused(subscription, method, one["id"], GALLERIES, json.dumps(body))
        assert (found.status, found.code) == (400, "InvalidParameter")
        assert "can only be specified either directly under storageProfile" in str(found)
