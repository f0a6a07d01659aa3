"""What is there already, and whether a stack may have it: told before anything is made."""

from types import SimpleNamespace
from typing import Any

import pulumi_azure_native
import pytest

from components.azure import cloud
from components.azure.account import Subscription
from components.azure.ownership import Ownership, claim_gallery, claim_groups, is_absent
from config.azure import Azure
from images.errors import UserError
from tests.unit.test_azure_settings import azure
from tests.unit.unit_samples import stack_of

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
    """Location and tags by name of the groups and galleries of the subscription."""
    found: dict[str, Any] = {}

    def get(opts: Any, **names: str) -> Any:
        name = names.get("gallery_name") or names["resource_group_name"]
        if name not in found:
            # As PulumiAzcoreResponseError of azure-native has it.
            raise RuntimeError('Status=404 Code="ResourceGroupNotFound" Message="not there"')
        location, tags = found[name]
        return SimpleNamespace(id=f"/{name}", location=location, tags=tags)

    monkeypatch.setattr(pulumi_azure_native.resources, "get_resource_group", get)
    monkeypatch.setattr(pulumi_azure_native.compute, "get_gallery", get)
    return found


def chosen(**changes: Any) -> Azure:
    given = {"location": LOCATION, "resourceGroup": "published", "regions": [LOCATION]}
    return azure(**{**given, **changes})


BUILD = f"packer-build-{LOCATION}"


def claims(**changes: Any) -> list[Ownership]:
    return list(claim_groups(stack_of(), chosen(**changes), ACCOUNT).values())


def test_groups_are_made_where_each_has_to_be(there: dict[str, Any]) -> None:
    """Content's is where dstack has it of old; machines are where their group is."""
    assert claims() == [
        Ownership("packer", "eastus"),
        Ownership(BUILD, LOCATION),
        Ownership("published", LOCATION),
    ]
    assert claims(packerLocation=LOCATION) == [
        Ownership("packer", LOCATION),
        Ownership("published", LOCATION),
    ]
    assert claims(buildGroup="machines")[1] == Ownership("machines", LOCATION)


def test_group_that_is_there_is_taken_over_or_adopted_where_it_is(there: dict[str, Any]) -> None:
    there["packer"] = "swedencentral", {"dstack-stack": "staging"}
    there["published"] = "eastus", {}
    assert claims(adopt=["published"]) == [
        Ownership("packer", "swedencentral", id="/packer"),
        Ownership(BUILD, LOCATION),
        Ownership("published", "eastus", adopted=True),
    ]


def test_group_that_may_be_there_already_is_made_where_it_is_not(there: dict[str, Any]) -> None:
    """Two stacks list the same, and either may be the first; the one that made it keeps it."""
    listed = ["packer", BUILD, "published"]
    assert not any(claim.adopted or claim.id for claim in claims(adopt=listed))
    for name in listed:
        there[name] = LOCATION, {"dstack-stack": "staging"}
    assert [claim.id for claim in claims(adopt=listed)] == ["/packer", f"/{BUILD}", "/published"]
    for name in listed:
        there[name] = LOCATION, {"dstack-stack": "prod"}
    assert all(claim.adopted for claim in claims(adopt=listed))


@pytest.mark.parametrize(
    ("group", "adopt", "words"),
    [
        ("packer", [], "the resource group packer exists already and belongs to no stack"),
        (BUILD, [BUILD], "is in eastus, .*: Packer makes machines where their group is"),
    ],
)
def test_group_that_cannot_be_the_stacks(
    there: dict[str, Any], group: str, adopt: list[str], words: str
) -> None:
    there[group] = "eastus", {}
    with pytest.raises(UserError, match=words):
        claims(adopt=adopt)


def gallery_of(settings: Azure) -> Ownership:
    name = cloud._gallery_name(settings)  # the rule is of the whole module
    return claim_gallery(name, stack_of(), settings, ACCOUNT)


@pytest.mark.parametrize(
    ("where", "changes", "words"),
    [
        (LOCATION, {}, r"clouds\.azure\.gallery is missing"),
        (LOCATION, {"gallery": GALLERY}, r"clouds\.azure\.community is missing"),
        (
            LOCATION,
            {"gallery": GALLERY, "community": COMMUNITY, "regions": ["eastus"]},
            rf"clouds\.azure\.regions must have {LOCATION}",
        ),
        (
            LOCATION,
            {"gallery": GALLERY, "community": COMMUNITY},
            f"the gallery {GALLERY} exists already and belongs to no stack",
        ),
        (
            "eastus",
            {"gallery": GALLERY, "adopt": [GALLERY]},
            f"{GALLERY} is in eastus, .*: everyone sees images of its own location only",
        ),
    ],
)
def test_gallery_that_cannot_be_the_stacks(
    there: dict[str, Any], where: str, changes: dict[str, Any], words: str
) -> None:
    there[GALLERY] = where, {}
    with pytest.raises(UserError, match=words):
        gallery_of(chosen(**changes))


@pytest.mark.parametrize("code", ["ResourceNotFound", "ParentResourceNotFound", "NotFound"])
def test_absent_is_judged_by_the_status(code: str) -> None:
    assert is_absent(RuntimeError(f'Status=404 Code="{code}" Message="x"'))
    assert not is_absent(RuntimeError(f'Status=403 Code="{code}" Message="404"'))
