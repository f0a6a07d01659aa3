"""The simulated Azure, as Azure's own clients meet it: what it does, and what it refuses."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.storage.blob import ContainerClient

from tests.simulators.azure import operations
from tests.simulators.azure.login import EXPIRED, EXPIRED_SECRET, PERSON, PERSON_OBJECT, SECRET
from tests.simulators.azure.resources import NETWORK
from tests.simulators.azure.roles import BLOB_CONTRIBUTOR
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT, Answer, Refused, Request
from tests.simulators.azure.subscription import OLD_DEFINITION, PUBLIC_NAME, AzureSubscription

pytestmark = pytest.mark.unit

GROUP = "packer"
GALLERY = "some_gallery"
INFO = {
    "publisherUri": "https://example.com",
    "publisherContact": "hello@example.com",
    "eula": "https://example.com/terms",
    "publicNamePrefix": "some1",
}
DEFINITION: dict[str, Any] = {
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
}


@pytest.fixture(scope="module")
def server() -> Iterator[AzureSubscription]:
    with AzureSubscription() as found:
        yield found


@pytest.fixture
def subscription(server: AzureSubscription, monkeypatch: pytest.MonkeyPatch) -> AzureSubscription:
    """As new but for Packer's group."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
    server.reset()
    server.add_group(GROUP)
    return server


def connection(subscription: AzureSubscription, secret: str = SECRET) -> dict[str, Any]:
    login = ClientSecretCredential(
        TENANT, PERSON, secret, authority=subscription.address, disable_instance_discovery=True
    )
    return {
        "credential": login,
        "subscription_id": SUBSCRIPTION,
        "base_url": subscription.address,
        "credential_scopes": [f"{subscription.address}/.default"],
        # Never waited for: the server says how soon to ask again.
        "polling_interval": 30,
    }


def resources(subscription: AzureSubscription, secret: str = SECRET) -> ResourceManagementClient:
    return ResourceManagementClient(**connection(subscription, secret))


@pytest.fixture
def compute(subscription: AzureSubscription) -> Any:
    # Bodies are dictionaries here, of which the client's own types know less.
    return ComputeManagementClient(**connection(subscription))


def image(snapshot: str, location: str = "westeurope") -> dict[str, Any]:
    disk = {"osType": "Linux", "osState": "Generalized", "snapshot": {"id": snapshot}}
    return {"location": location, "properties": {"storageProfile": {"osDisk": disk}}}


def gallery(compute: Any) -> None:
    """Of the community, but not shared."""
    sharing = {"permissions": "Community", "communityGalleryInfo": INFO}
    body = {"location": "westeurope", "properties": {"sharingProfile": sharing}}
    compute.galleries.begin_create_or_update(GROUP, GALLERY, body).result()


def definition(compute: Any, name: str = "d", **changes: Any) -> Any:
    body = {"location": "westeurope", "properties": {**DEFINITION, **changes}}
    return compute.gallery_images.begin_create_or_update(GROUP, GALLERY, name, body)


def version(compute: Any, source: str, *regions: str, name: str = "1.2.3") -> Any:
    properties = {
        "storageProfile": {"source": {"id": source}},
        "publishingProfile": {"targetRegions": [{"name": region} for region in regions]},
    }
    body = {"location": "westeurope", "properties": properties}
    return compute.gallery_image_versions.begin_create_or_update(GROUP, GALLERY, "d", name, body)


def claims(token: str) -> dict[str, Any]:
    """What a token says of whom it was given to; nobody looks at its signature."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def ask(
    subscription: AzureSubscription, method: str, path: str, version: str, body: Any = None
) -> Answer:
    """As Packer's plugin does, which speaks older versions than the clients here."""
    token = connection(subscription)["credential"].get_token("https://example.com/.default").token
    return subscription.api.call(
        Request(
            method,
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}{path}",
            {"api-version": version},
            {"Authorization": f"Bearer {token}"},
            json.dumps(body or {}).encode(),
        )
    )


def deployment(extension: str = "") -> dict[str, Any]:
    """An address, and an extension of a machine if there is a command for it."""
    template = {
        "parameters": {"command": {"type": "string"}},
        "variables": {"address": "some-ip"},
        "resources": [
            {
                "type": "Microsoft.Network/publicIPAddresses",
                "apiVersion": "2023-04-01",
                "name": "[variables('address')]",
                "location": "[resourceGroup().location]",
                "sku": {"name": "Standard", "tier": "Regional"},
                "properties": {"publicIPAllocationMethod": "Static"},
            },
            {
                "condition": "[not(empty(parameters('command')))]",
                "type": "Microsoft.Compute/virtualMachines/extensions",
                "apiVersion": "2023-03-01",
                "name": "vm/extension",
            },
        ],
    }
    given = {"command": {"value": extension}}
    return {"properties": {"mode": "Incremental", "template": template, "parameters": given}}


def code(refused: pytest.ExceptionInfo[HttpResponseError]) -> str | None:
    error = refused.value.error
    return error.code if error else None


def test_what_is_made_is_there_once_it_is_over(
    subscription: AzureSubscription, compute: Any
) -> None:
    began = time.monotonic()
    body = image(subscription.add_snapshot(GROUP, "snapshot")["id"])
    making = compute.images.begin_create_or_update(GROUP, "Some-Image", body)
    assert compute.images.get(GROUP, "some-image").provisioning_state == "Creating"
    assert making.result().hyper_v_generation == "V2"
    assert compute.images.get(GROUP.upper(), "some-image").provisioning_state == "Succeeded"
    compute.images.begin_update(GROUP, "some-image", {"tags": {"a": "b"}}).result()
    assert subscription.images(GROUP)["Some-Image"]["tags"] == {"a": "b"}
    compute.images.begin_delete(GROUP, "some-image").result()
    assert subscription.images(GROUP) == {}
    assert time.monotonic() - began < 5


def test_a_client_that_is_gone_is_not_waited_for(
    subscription: AzureSubscription, compute: Any
) -> None:
    subscription.add_image(GROUP, "some-image")
    compute.images.begin_delete(GROUP, "some-image", polling=False)
    time.sleep(0.1)
    assert list(compute.images.list_by_resource_group(GROUP)) == []


def test_lists_have_pages(subscription: AzureSubscription, compute: Any) -> None:
    for number in range(5):
        subscription.add_image(GROUP, f"i{number}", number=str(number))
    assert len(list(compute.images.list_by_resource_group(GROUP))) == 5
    listed = resources(subscription).resources.list_by_resource_group
    subscription.api.arm.groups.catch_up()
    assert [one.tags["number"] for one in listed(GROUP) if one.tags] == list("01234")


def test_list_of_all_that_is_in_a_group_lags_behind(
    subscription: AzureSubscription, compute: Any
) -> None:
    def names() -> list[str | None]:
        return [one.name for one in resources(subscription).resources.list_by_resource_group(GROUP)]

    subscription.add_image(GROUP, "old")
    assert names() == []
    subscription.api.arm.groups.catch_up()
    compute.images.begin_delete(GROUP, "old").result()
    subscription.add_image(GROUP, "new")
    assert names() == ["old"]
    assert [one.name for one in compute.images.list_by_resource_group(GROUP)] == ["new"]


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("wrong", "AADSTS7000215"),
        (EXPIRED_SECRET, "AADSTS7000222"),
        (EXPIRED, "ExpiredAuthenticationToken"),
    ],
)
def test_credentials_that_are_not_valid(
    subscription: AzureSubscription, secret: str, words: str
) -> None:
    with pytest.raises(ClientAuthenticationError, match=words):
        resources(subscription, secret).resource_groups.get(GROUP)


def test_what_is_unknown_is_refused_by_name(subscription: AzureSubscription, compute: Any) -> None:
    subscription.add_image(GROUP, "some-image")
    old = ResourceManagementClient(**connection(subscription), api_version="2019-03-01")
    with pytest.raises(HttpResponseError, match="2019-03-01"):
        old.resource_groups.get(GROUP)
    body = image(subscription.add_snapshot(GROUP, "snapshot")["id"])
    body["properties"]["storageProfile"]["osDisk"]["colour"] = "red"
    with pytest.raises(HttpResponseError, match=r"storageProfile\.osDisk\.colour"):
        compute.images.begin_create_or_update(GROUP, "other", body)
    with pytest.raises(HttpResponseError, match="expand"):
        compute.images.get(GROUP, "some-image", expand="colour")
    with pytest.raises(HttpResponseError, match="availabilitySets"):
        compute.availability_sets.get(GROUP, "some")
    with pytest.raises(HttpResponseError, match="Tag value too large"):
        compute.images.begin_update(GROUP, "some-image", {"tags": {"a": "b" * 257}})


def test_an_image_and_what_it_is_made_of(subscription: AzureSubscription, compute: Any) -> None:
    make = compute.images.begin_create_or_update
    one, other = (subscription.add_snapshot(GROUP, name)["id"] for name in ("one", "other"))
    with pytest.raises(HttpResponseError) as refused:
        make(GROUP, "some-image", image(f"{one}-not"))
    assert refused.value.status_code == 404
    with pytest.raises(HttpResponseError, match="not in northeurope"):
        make(GROUP, "some-image", image(one, "northeurope"))
    make(GROUP, "some-image", image(one)).result()
    with pytest.raises(HttpResponseError) as refused:
        make(GROUP, "some-image", image(other))
    assert code(refused) == "PropertyChangeNotAllowed"
    make(GROUP, "some-image", {**image(one), "tags": {"a": "b"}}).result()


def test_what_belongs_to_a_machine_goes_after_it(
    subscription: AzureSubscription, compute: Any
) -> None:
    subscription.add_machine(GROUP, "vm", {"a": "b"}, disk="pkros1")
    remove = resources(subscription).resources.begin_delete_by_id
    found = {id.rpartition("/")[2]: id for id in subscription.resources(GROUP)}
    untagged = [one.name for one in compute.disks.list_by_resource_group(GROUP) if not one.tags]
    assert untagged == ["pkros1"]
    for name, word in (("vm-ni", "NicInUse"), ("vm-ip", "PublicIPAddressCannotBeDeleted")):
        with pytest.raises(HttpResponseError) as refused:
            remove(found[name], api_version=NETWORK)
        assert code(refused) == word
    with pytest.raises(HttpResponseError, match="is attached to VM"):
        compute.disks.begin_delete(GROUP, "pkros1")
    compute.virtual_machines.begin_delete(GROUP, "vm").result()
    for name in ("vm-ni", "vm-ip", "vm-vn", "vm-sg"):
        remove(found[name], api_version=NETWORK).result()
    compute.disks.begin_delete(GROUP, "pkros1").result()
    assert subscription.resources(GROUP) == []


def test_a_gallery_is_for_everyone_once_it_is_shared(
    subscription: AzureSubscription, compute: Any
) -> None:
    gallery(compute)
    definition(compute).result()
    version(compute, subscription.add_image(GROUP, "i")["id"], "westeurope").result()
    assert not subscription.is_public(GALLERY)
    share = compute.gallery_sharing_profile.begin_update
    for _ in range(2):
        share(GROUP, GALLERY, {"operationType": "EnableCommunity"}).result()
    info = compute.galleries.get(GROUP, GALLERY).properties.sharing_profile.community_gallery_info
    (name,) = info.public_names
    assert name.startswith("some1-")
    look = compute.community_gallery_images.get
    assert look("westeurope", name, "d").name == "d"
    assert look("westeurope", PUBLIC_NAME, OLD_DEFINITION).name == OLD_DEFINITION
    with pytest.raises(HttpResponseError, match="not found in northeurope"):
        look("northeurope", name, "d")
    with pytest.raises(HttpResponseError, match="shared to the community"):
        compute.galleries.begin_delete(GROUP, GALLERY)
    share(GROUP, GALLERY, {"operationType": "Reset"}).result()
    assert not subscription.is_public(GALLERY)
    for remove, *path in (
        (compute.galleries.begin_delete,),
        (compute.gallery_images.begin_delete, "d"),
    ):
        with pytest.raises(HttpResponseError, match="nested resources"):
            remove(GROUP, GALLERY, *path)


def test_a_version_gets_to_its_regions(
    subscription: AzureSubscription, compute: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither ends by itself nor is asked for before this test has looked, on a busy machine either.
    monkeypatch.setattr(operations, "_MOMENT_SECONDS", 600)
    monkeypatch.setitem(operations.SOON, "retry-after-ms", "1500")

    def states() -> dict[str, str]:
        found = compute.gallery_image_versions.get(
            GROUP, GALLERY, "d", "1.2.3", expand="ReplicationStatus"
        )
        return {one.region: one.state for one in found.properties.replication_status.summary}

    source = subscription.add_image(GROUP, "i")["id"]
    regions = ("westeurope", "northeurope")
    gallery(compute)
    definition(compute).result()
    for wrong in ({"name": "latest"}, {"name": "1.2"}):
        with pytest.raises(HttpResponseError, match="is invalid"):
            version(compute, source, *regions, **wrong)
    with pytest.raises(HttpResponseError, match="have to have westeurope"):
        version(compute, source, "northeurope")
    subscription.api.fail_replication("northeurope")
    making = version(compute, source, *regions)
    assert set(states().values()) == {"Replicating"}
    monkeypatch.setitem(operations.SOON, "retry-after-ms", "20")
    with pytest.raises(HttpResponseError) as refused:
        making.result()
    assert code(refused) == "ReplicationFailed"
    assert states() == {"West Europe": "Completed", "North Europe": "Failed"}
    subscription.api.fail_replication()
    assert version(compute, source, *regions).result().properties.provisioning_state == "Succeeded"
    assert subscription.offered(GALLERY) == {"northeurope": ["d"], "westeurope": ["d"]}


def test_a_definition_stays_as_it_is(subscription: AzureSubscription, compute: Any) -> None:
    gallery(compute)
    definition(compute).result()
    definition(compute, description="better").result()
    with pytest.raises(HttpResponseError) as refused:
        definition(compute, hyperVGeneration="V1")
    assert code(refused) == "PropertyChangeNotAllowed"
    with pytest.raises(HttpResponseError, match="are d's"):
        definition(compute, "other")


def test_sources_of_the_marketplace(subscription: AzureSubscription, compute: Any) -> None:
    images = compute.virtual_machine_images
    ubuntu = ("westeurope", "canonical", "ubuntu-24_04-lts")
    (newest,) = images.list(*ubuntu, "server", top=1, orderby="name desc")
    assert newest.name == "24.04.202508280"
    found = images.get(*ubuntu, "server", newest.name)
    assert (found.hyper_v_generation, found.architecture) == ("V2", "x64")
    assert images.get(*ubuntu, "server-gen1", newest.name).hyper_v_generation == "V1"
    with pytest.raises(HttpResponseError) as refused:
        images.get(*ubuntu, "server", "24.04.1")
    assert refused.value.status_code == 404


def test_a_container_takes_texts_from_whoever_may(subscription: AzureSubscription) -> None:
    account = "Microsoft.Storage/storageAccounts/some"
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    subscription.api.put(GROUP, account, body)
    subscription.api.put(GROUP, f"{account}/blobServices/default/containers/records", {})
    login = connection(subscription)["credential"]
    container = ContainerClient(f"{subscription.address}/some", "records", credential=login)
    assert container.get_container_properties(), "an owner may look at it, and not write into it"
    with pytest.raises(HttpResponseError, match="AuthorizationPermissionMismatch"):
        container.upload_blob("logs/a b", "hello")
    (id,) = (id for id in subscription.resources(GROUP) if id.endswith("/some"))
    subscription.api.arm.roles.grant(PERSON_OBJECT, BLOB_CONTRIBUTOR, id)
    container.upload_blob("logs/a b", "hello")
    assert subscription.api.objects("some", "records") == {"logs/a b": "hello"}


def test_an_application_logs_in_once_it_is_known(subscription: AzureSubscription) -> None:
    def graph(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        given = Request(method, f"/v1.0{path}", body=str(body).replace("'", '"').encode())
        found = subscription.api.graph.call(given, PERSON_OBJECT).body
        assert isinstance(found, dict)
        return found

    made = graph("POST", "/applications", {"displayName": "a"})
    principal = {"appId": made["appId"]}
    secret = graph("POST", f"/applications/{made['id']}/addPassword", {})["secretText"]

    def log_in() -> str:
        # A new one each time: a credential repeats a refusal for a minute without asking again.
        credential = ClientSecretCredential(
            TENANT,
            made["appId"],
            secret,
            authority=subscription.address,
            disable_instance_discovery=True,
        )
        return credential.get_token("https://example.com/.default").token

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000229"):
        log_in()
    made_principal = graph("POST", "/servicePrincipals", principal)
    subscription.api.login.unknown_for = 2
    for _ in range(2):
        with pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
            log_in()
    assert claims(log_in())["oid"] == made_principal["id"] != PERSON_OBJECT


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("Microsoft.Compute/images/x", "2022-03-01"),
        ("Microsoft.Compute/virtualMachines/x", "2022-03-01"),
        ("Microsoft.Compute/disks/x", "2022-03-02"),
        ("Microsoft.Compute/snapshots/x", "2022-03-02"),
        ("Microsoft.Network/networkInterfaces/x", "2023-09-01"),
        ("Microsoft.Network/networkSecurityGroups/x", "2023-09-01"),
        ("Microsoft.Network/publicIPAddresses/x", "2023-09-01"),
        ("Microsoft.Network/virtualNetworks/x", "2023-09-01"),
    ],
)
def test_the_plugin_of_packer_is_understood(
    subscription: AzureSubscription, path: str, version: str
) -> None:
    assert ask(subscription, "GET", "", "2022-09-01").status == 200
    with pytest.raises(Refused) as refused:
        ask(subscription, "GET", f"/providers/{path}", version)
    assert refused.value.code == "ResourceNotFound"
    with pytest.raises(Refused) as refused:
        ask(subscription, "GET", f"/providers/{path}", "2022-09-09")
    assert refused.value.code == "InvalidApiVersionParameter"


def test_a_deployment_as_the_plugin_of_packer_makes_it(subscription: AzureSubscription) -> None:
    path, version = "/providers/Microsoft.Resources/deployments/some", "2022-09-01"

    def state() -> str:
        found: Any = ask(subscription, "GET", path, version).body
        return found["properties"]["provisioningState"]

    with pytest.raises(Refused, match="virtualMachines/extensions in templates"):
        ask(subscription, "POST", f"{path}/validate", version, deployment("echo hello"))
    assert ask(subscription, "POST", f"{path}/validate", version, deployment()).status == 200
    assert subscription.resources(GROUP) == []
    assert ask(subscription, "PUT", path, version, deployment()).status == 201
    assert state() == "Running"
    listed: Any = ask(subscription, "GET", "/deployments/some/operations", version).body
    made = [one["properties"].get("targetResource") for one in listed["value"]]
    assert [one["resourceName"] for one in made if one] == ["some-ip"]
    assert [id.rpartition("/")[2] for id in subscription.resources(GROUP)] == ["some-ip"]
    assert state() == "Succeeded"
    assert ask(subscription, "DELETE", path, version).status == 202
    with pytest.raises(Refused) as refused:
        state()
    assert refused.value.code == "DeploymentNotFound"
    assert subscription.resources(GROUP) != [], "what it made stays"


def test_a_refusal_to_come_comes_once(subscription: AzureSubscription) -> None:
    refusal = Refused(409, "Conflict", "a bad day")
    subscription.api.refusals.append(("GET", f"/{GROUP}", refusal))
    groups = resources(subscription).resource_groups
    with pytest.raises(HttpResponseError, match="a bad day"):
        groups.get(GROUP)
    assert groups.get(GROUP).location == "westeurope"
