"""What is there already, and whether a stack may have it: told before anything is made."""

from types import SimpleNamespace
from typing import Any

import pulumi_azure_native
import pytest

from components.azure import cloud
from components.azure.account import Subscription
from components.azure.claims import Claim, claim_group, is_absent
from components.azure.settings import Azure
from images.errors import Mistake
from test_azure_settings import azure

pytestmark = pytest.mark.unit

ACCOUNT = Subscription("sub", "tenant", "person", provider=None)  # pyright: ignore[reportArgumentType]
LOCATION, GALLERY = "westeurope", "dstack_gallery"
COMMUNITY = {
    "prefix": "images",
    "publisher": "https://dstack.ai",
    "contact": "hello@dstack.ai",
    "eula": "https://dstack.ai/terms",
}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Tags by name of the groups and galleries of the subscription, all in one location."""
    found: dict[str, Any] = {}

    def get(opts: Any, **names: str) -> Any:
        name = names.get("gallery_name") or names["resource_group_name"]
        if name not in found:
            # As PulumiAzcoreResponseError of azure-native has it.
            raise RuntimeError('Status=404 Code="ResourceGroupNotFound" Message="not there"')
        return SimpleNamespace(id=f"/{name}", location=LOCATION, tags=found[name])

    monkeypatch.setattr(pulumi_azure_native.resources, "get_resource_group", get)
    monkeypatch.setattr(pulumi_azure_native.compute, "get_gallery", get)
    monkeypatch.setattr("pulumi.get_stack", lambda: "staging")
    return found


def chosen(**changes: Any) -> Azure:
    given = {"location": LOCATION, "resourceGroup": "published", "regions": [LOCATION]}
    return azure(**{**given, **changes})


def test_group_is_made_taken_over_or_adopted(there: dict[str, Any]) -> None:
    assert claim_group("published", chosen(), ACCOUNT) == Claim("published")
    there["published"] = {"dstack-stack": "staging"}
    assert claim_group("published", chosen(), ACCOUNT) == Claim("published", id="/published")
    there["published"] = {}
    adopting = chosen(adopt=["published"])
    assert claim_group("published", adopting, ACCOUNT) == Claim("published", adopted=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"location": "eastus"}, f"published is in {LOCATION}"),
        ({"adopt": ["packer"], "packerGroup": "packer"}, "there is no resource group packer"),
        ({}, "the resource group published exists already and belongs to no stack"),
    ],
)
def test_group_that_cannot_be_the_stacks(
    there: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    there["published"] = {}
    settings = chosen(**changes)
    (name, *_) = [*settings.adopt, settings.resource_group]
    with pytest.raises(Mistake, match=words):
        claim_group(name, settings, ACCOUNT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, r"clouds\.azure\.gallery is missing"),
        ({"gallery": GALLERY}, r"clouds\.azure\.community is missing"),
        (
            {"gallery": GALLERY, "community": COMMUNITY, "regions": ["eastus"]},
            rf"clouds\.azure\.regions must have {LOCATION}",
        ),
        (
            {"gallery": GALLERY, "community": COMMUNITY},
            f"the gallery {GALLERY} exists already and belongs to no stack",
        ),
    ],
)
def test_gallery_that_cannot_be_the_stacks(
    there: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    there[GALLERY] = {}
    with pytest.raises(Mistake, match=words):
        cloud._gallery_of(chosen(**changes), ACCOUNT)  # the rule is of the whole module


@pytest.mark.parametrize("code", ["ResourceNotFound", "ParentResourceNotFound", "NotFound"])
def test_absent_is_judged_by_the_status(code: str) -> None:
    assert is_absent(RuntimeError(f'Status=404 Code="{code}" Message="x"'))
    assert not is_absent(RuntimeError(f'Status=403 Code="{code}" Message="404"'))
