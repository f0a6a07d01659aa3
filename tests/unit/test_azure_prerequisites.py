"""What a stack makes of Azure before its images."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pulumi
import pytest

from components.azure import rotation
from components.azure.account import Subscription
from components.azure.group import Group, GroupArgs
from components.azure.identity import BuildIdentity, BuildIdentityArgs, Scope
from components.azure.ownership import Ownership
from components.azure.permissions import BUILD, CONTENT, LOOK, publish
from components.azure.records import Records, RecordsArgs
from components.azure.waiting import settled
from config.fields import Github
from tests.unit.registered import Answers, Registered, registered
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 24)
SUB = "/subscriptions/sub"


def subscription() -> Subscription:
    provider: Any = None  # of no use to what is tested here
    return Subscription("sub", "tenant", "person", provider)


def of_azure(made: Registered) -> dict[str, Any]:
    return {
        name: one
        for name, one in made.found.items()
        if one.options.type.startswith(("azure-native:", "azuread:"))
    }


# Groups


def group(claim: Ownership, *, kept: bool = False) -> Registered:
    args = GroupArgs(stack_of(immutable=kept), claim)
    return registered(lambda opts: Group("azure-packer", args, opts).name)


def test_group_outlives_the_stack() -> None:
    made = group(Ownership("packer", "eastus"), kept=True)
    found = made.found["ResourceGroup azure-packer-group"]
    assert found.inputs == {
        "resourceGroupName": "packer",
        "location": "eastus",
        "tags": {"dstack-stack": "staging"},
    }
    assert found.options.retainOnDelete
    assert not found.options.protect, "a stack that is kept may choose another"
    assert found.options.importId == ""


def test_group_of_an_earlier_life_is_taken_over() -> None:
    made = group(Ownership("packer", "eastus", id=f"{SUB}/resourceGroups/packer"))
    options = made.found["ResourceGroup azure-packer-group"].options
    assert options.importId == f"{SUB}/resourceGroups/packer"


def test_adopted_group_is_left_alone() -> None:
    made = group(Ownership("packer", "eastus", adopted=True))
    assert of_azure(made) == {}
    assert made.output == "packer"


# Records


def records(*operators: str, kept: bool = False) -> Registered:
    args = RecordsArgs(
        stack=stack_of(immutable=kept),
        subscription=subscription(),
        account="dstackimages0123",
        group="packer",
        location="eastus",
        operators=operators,
    )
    return registered(lambda opts: Records("records", args, opts).container)


@pytest.mark.parametrize("kept", [False, True])
def test_records_answer_to_roles_alone(kept: bool) -> None:
    made = records(kept=kept)
    account = made.inputs("StorageAccount records-account")
    assert account["allowSharedKeyAccess"] is False
    assert account["allowBlobPublicAccess"] is False
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert account["enableHttpsTrafficOnly"] is True
    assert made.inputs("BlobContainer records-container")["publicAccess"] == "None"
    assert made.inputs("BlobServiceProperties records-versions")["isVersioningEnabled"] is True
    assert all(one.options.protect is kept for one in of_azure(made).values())


def test_logs_expire_where_the_stack_is_not_kept() -> None:
    def rules(*, kept: bool) -> dict[str, Any]:
        policy = records(kept=kept).inputs("ManagementPolicy records-lifecycle")["policy"]
        return {rule["name"]: rule["definition"] for rule in policy["rules"]}

    assert rules(kept=False)["logs"]["filters"]["prefixMatch"] == ["records/logs/"]
    (kept,) = rules(kept=True).values()
    assert list(kept["actions"]) == ["version"], "what is not overwritten stays"


def test_operators_may_write_records_and_nothing_else() -> None:
    operator = "00000000-0000-4000-8000-000000000001"
    made = records(operator)
    given = made.inputs(f"RoleAssignment records-{operator}")
    assert given["principalId"] == operator
    assert given["scope"] == "records-account-id"
    assert made.found[f"RoleAssignment records-{operator}"].options.protect is False
    assert given["roleDefinitionId"].endswith("ba92f5b4-2d11-453d-a403-e96b0029c9fe")


# Who bakes


def baker(
    *,
    github: str = "dstackai/dstack",
    days: int | None = None,
    public: bool = False,
    kept: bool = False,
    whole: bool = False,
    today: date = TODAY,
) -> Registered:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[Any]:
        scope = Scope(subscription(), "packer", "machines", "names", public=public, whole=whole)
        args = BuildIdentityArgs(
            stack=stack_of(immutable=kept),
            scope=scope,
            records="records-id",
            github=Github(repository=github, environment="staging") if github else None,
            rotate_after_days=days,
            today=today,
        )
        return pulumi.Output.all(**BuildIdentity("baker", args, opts).environment)

    return registered(make)


def test_only_the_environment_of_the_repository_is_let_in() -> None:
    made = baker()
    trusted = made.inputs("ApplicationFederatedIdentityCredential baker-github")
    assert trusted["issuer"] == "https://token.actions.githubusercontent.com"
    assert trusted["subject"] == "repo:dstackai/dstack:environment:staging"
    assert trusted["audiences"] == ["api://AzureADTokenExchange"]
    assert not any("Password" in name for name in made.found), "no secret exists"
    assert set(made.output) == {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"}


def test_with_identifiers_both_forms_of_the_subject_are_let_in() -> None:
    made = baker(github="dstackai@1/dstack@2")
    trusted = [
        made.inputs(f"ApplicationFederatedIdentityCredential baker-{name}")
        for name in ("github", "github-ids")
    ]
    assert [one["subject"] for one in trusted] == [
        "repo:dstackai/dstack:environment:staging",
        "repo:dstackai@1/dstack@2:environment:staging",
    ]
    assert len({one["displayName"] for one in trusted}) == 2, "Azure wants names of their own"


def test_secret_is_asked_for_by_configuration_and_kept_secret() -> None:
    made = baker(github="", days=90)
    password = made.found["ApplicationPassword baker-secret"]
    assert set(password.options.additionalSecretOutputs) == {"value"}
    assert password.options.retainOnDelete, "who bakes with the old one goes on"
    assert "AZURE_CLIENT_SECRET" in made.output
    assert not any("Federated" in name for name in made.found)


def test_another_period_is_another_secret() -> None:
    def asked(today: date) -> dict[str, Any]:
        return baker(days=90, today=today).inputs("ApplicationPassword baker-secret")

    first = asked(date(2026, 1, 1))
    assert asked(date(2026, 3, 31)) == first
    later = asked(date(2026, 4, 1))
    assert later["displayName"] != first["displayName"]
    assert (first["endDate"], later["endDate"]) == ("2026-06-30T00:00:00Z", "2026-09-28T00:00:00Z")


@pytest.mark.parametrize("days", [1, 90, 365])
def test_secret_outlives_its_period_by_one(days: int) -> None:
    number = rotation.period(TODAY, days)
    until = date.fromisoformat(rotation.valid_until(number, days)[:10])
    assert days < (until - TODAY).days <= 2 * days


def roles(made: Registered) -> dict[str, tuple[str, list[str]]]:
    """What may be done, and where it is given."""
    return {
        what: (
            made.inputs(f"RoleAssignment baker-{what}")["scope"],
            one.inputs["permissions"][0]["actions"],
        )
        for name, one in made.found.items()
        if name.startswith("RoleDefinition")
        for what in [name.removeprefix("RoleDefinition baker-").removesuffix("-role")]
    }


def test_roles_stay_where_they_are_when_groups_change() -> None:
    """Azure deletes none that somebody has, and its provider replaces one of another scope."""
    found = [one for name, one in baker().found.items() if name.startswith("RoleDefinition")]
    assert [(one.inputs["scope"], one.inputs["assignableScopes"]) for one in found] == [
        (SUB, [SUB])
    ] * 4


def test_who_makes_the_application_owns_it_and_its_principal() -> None:
    made = baker()
    for name in ("Application baker-application", "ServicePrincipal baker-principal"):
        assert made.inputs(name)["owners"] == ["person"]
        assert list(made.found[name].options.ignoreChanges) == ["owners"], "whoever comes next"


def test_roles_end_at_the_groups_of_the_stack() -> None:
    made = baker()
    assert roles(made) == {
        "build": (f"{SUB}/resourceGroups/machines", list(BUILD)),
        "content": (f"{SUB}/resourceGroups/packer", list(CONTENT)),
        "publish": (f"{SUB}/resourceGroups/names", publish(public=False, protect=False)),
        "look": (SUB, list(LOOK)),
    }
    assignments = {name for name in made.found if name.startswith("RoleAssignment")}
    assert assignments == {
        f"RoleAssignment baker-{what}"
        for what in ("build", "content", "publish", "look", "records")
    }
    for name in assignments:
        assert made.inputs(name)["principalType"] == "ServicePrincipal"
    assert made.inputs("RoleAssignment baker-records")["scope"] == "records-id"


def test_whole_subscription_is_one_value_away() -> None:
    made = baker(whole=True)
    assert roles(made) == {}
    given = made.inputs("RoleAssignment baker-contributor")
    assert given["scope"] == SUB
    assert given["roleDefinitionId"].endswith("b24988ac-6180-42a0-ab88-20f7382dd24c")


def test_nothing_but_reading_is_allowed_in_the_whole_subscription() -> None:
    assert [action for action in LOOK if not action.endswith("/read")] == []


def test_old_releases_cannot_be_deleted_by_who_publishes_for_a_kept_stack() -> None:
    def deletes(actions: list[str]) -> list[str]:
        return [action for action in actions if action.endswith("/delete")]

    assert deletes(publish(public=True, protect=True)) == []
    assert deletes(publish(public=True, protect=False)) == [
        "Microsoft.Compute/galleries/images/delete",
        "Microsoft.Compute/galleries/images/versions/delete",
    ]


def test_who_publishes_cannot_close_a_gallery() -> None:
    for kept in (False, True):
        assert not any("open-gallery" in action for action in publish(public=True, protect=kept))


@pytest.mark.parametrize("kept", [False, True])
def test_identity_of_a_kept_stack_is_protected(kept: bool) -> None:
    """But for the secret, which Pulumi would not replace, and for where it has its roles."""
    made = of_azure(baker(days=90, kept=kept))
    remade = {name for name in made if name.startswith(("ApplicationPassword", "RoleAssignment"))}
    assert len(made) - len(remade) > 6
    protected = {name for name, one in made.items() if one.options.protect}
    assert protected == (made.keys() - remade if kept else set())


def test_a_new_role_is_given_away_once_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    now = datetime.now(UTC)
    # As Azure writes a time, which has seven digits.
    for age, text in ((30, "{:%Y-%m-%dT%H:%M:%S}.1234567Z"), (121, "{:%Y-%m-%dT%H:%M:%S}")):
        assert asyncio.run(settled("role", text.format(now - timedelta(seconds=age)))) == "role"
    assert asyncio.run(settled("role", None)) == "role"
    (seconds,) = waited
    assert 85 < seconds < 95


def test_assignments_of_another_application_have_other_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of one that was deleted stay, and Azure lets nobody else have their names."""
    answer = Answers.new_resource

    def names(principal: str) -> set[str]:
        def with_id(self: Answers, args: Any) -> tuple[str, dict[str, Any]]:
            id, outputs = answer(self, args)
            return id, {**outputs, "objectId": principal}

        monkeypatch.setattr(Answers, "new_resource", with_id)
        made = baker().found
        found = [one for name, one in made.items() if name.startswith("RoleAssignment")]
        return {one.inputs["roleAssignmentName"] for one in found}

    first = names("first")
    assert len(first) == 5
    assert first == names("first")
    assert first.isdisjoint(names("second"))
