"""What leads Packer of old to the simulated Azure, and what that knows of it alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes.azure_jobs import ACCOUNT, CONTAINER, GROUP, prepare
from tests.simulators.azure.login import PERSON, SECRET
from tests.simulators.azure.proxy import AzureProxy
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import AzureSubscription

pytestmark = pytest.mark.unit

_RESOURCES = "https://management.azure.com"
_GROUP = f"{_RESOURCES}/subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}"
_DEPLOYMENT = f"{_GROUP}/providers/Microsoft.Resources/deployments/some?api-version=2018-02-01"
_ADDRESS = {
    "apiVersion": "[variables('version')]",
    "type": "Microsoft.Network/publicIPAddresses",
    "name": "[parameters('name')]",
    "location": "[resourceGroup().location]",
    "properties": {"dnsSettings": {"domainNameLabel": "[concat('a-', parameters('name'))]"}},
}


@pytest.fixture(scope="module")
def subscription() -> Iterator[AzureSubscription]:
    with AzureSubscription() as found:
        prepare(found)
        yield found


@pytest.fixture(scope="module")
def proxy(subscription: AzureSubscription) -> Iterator[AzureProxy]:
    with AzureProxy(subscription.address) as found:
        yield found


@pytest.fixture(scope="module")
def azure(subscription: AzureSubscription, proxy: AzureProxy) -> Iterator[requests.Session]:
    """With a token of the endpoint that Packer of old asks."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, subscription.ca_file
        session.proxies = {"https": proxy.env["HTTPS_PROXY"]}
        form = {
            "grant_type": "client_credentials",
            "client_id": PERSON,
            "client_secret": SECRET,
            "resource": f"{_RESOURCES}/",
        }
        login = f"https://login.microsoftonline.com/{TENANT}/oauth2/token?api-version=1.0"
        token = session.post(login, data=form).json()
        assert int(token["expires_on"]) > int(token["not_before"])
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield session


def deployment(**changes: Any) -> dict[str, Any]:
    template = {
        "parameters": {"name": {"type": "string"}},
        "variables": {"version": "2017-04-01"},
        "resources": [{**_ADDRESS, **changes}],
    }
    given = {"name": {"value": "ip"}}
    return {"properties": {"mode": "Incremental", "template": template, "parameters": given}}


def test_only_names_of_azure_lead_anywhere(azure: requests.Session, proxy: AzureProxy) -> None:
    with pytest.raises(requests.exceptions.ProxyError):
        azure.get("https://example.com/")
    (refused,) = proxy.refused
    assert refused.startswith("CONNECT example.com:443 ")
    found = azure.get(f"https://login.microsoftonline.com/subscriptions/{SUBSCRIPTION}")
    assert found.status_code == 404
    proxy.refused.clear()


def test_an_account_is_the_first_part_of_a_name(
    azure: requests.Session, subscription: AzureSubscription
) -> None:
    blob = f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/logs/some"
    assert azure.put(blob, "text", headers={"x-ms-blob-type": "BlockBlob"}).status_code == 201
    assert subscription.api.objects(ACCOUNT, CONTAINER) == {"logs/some": "text"}


def test_a_deployment_makes_what_its_template_says(
    azure: requests.Session, subscription: AzureSubscription
) -> None:
    begun = azure.put(_DEPLOYMENT, json.dumps(deployment()))
    assert begun.status_code == 201
    assert begun.headers["Azure-AsyncOperation"].startswith(_RESOURCES)
    (made,) = subscription.api.arm.resources.of("Microsoft.Network/publicIPAddresses")
    assert made["properties"]["dnsSettings"] == {"domainNameLabel": "a-ip"}
    listed = azure.get(f"{_GROUP}/deployments/some/operations?api-version=2018-02-01").json()
    targets = [one["properties"].get("targetResource", {}) for one in listed["value"]]
    assert [one.get("resourceName") for one in targets] == [None, "ip"]
    assert azure.delete(_DEPLOYMENT).status_code == 202
    assert subscription.api.arm.deployments.made == {}
    assert subscription.api.arm.resources.get(made["id"]), "what it made outlives it"
    subscription.remove(made["id"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"apiVersion": "2017-03-01"}, "2017-03-01"),
        ({"type": "Microsoft.Network/loadBalancers"}, "loadBalancers"),
        ({"name": "[uniqueString('a')]"}, "uniqueString"),
        ({"name": "[parameters('other')]"}, "other"),
        ({"dependsOn": ["Microsoft.Network/virtualNetworks/none"]}, "not there"),
        ({"properties": {"colour": "red"}}, "colour"),
    ],
)
def test_what_is_unknown_in_a_template_is_refused_by_name(
    azure: requests.Session, changes: dict[str, Any], words: str
) -> None:
    validation = _DEPLOYMENT.replace("?", "/validate?")
    assert azure.post(validation, json.dumps(deployment())).ok
    refused = azure.post(validation, json.dumps(deployment(**changes)))
    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]
