"""What a stack makes of Google Cloud before its images."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.gcp.bucket import RecordsBucket, RecordsBucketArgs
from components.gcp.federation import Federation, FederationArgs
from components.gcp.identity import BuildIdentity, BuildIdentityArgs
from components.gcp.network import IAP, Network, NetworkArgs
from components.gcp.permissions import Scope, own_machines, own_names
from components.gcp.services import SERVICES, Services, ServicesArgs
from config.fields import Github
from config.stack import Stack
from tests.unit.registered import Registered, registered
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit

GITHUB = Github(repository="dstackai/images", environment="staging")

SCOPE = Scope("some-project", ["stgn-1-dstack-"], [], public=False)


def of_google(made: Registered) -> dict[str, Any]:
    return {name: one for name, one in made.found.items() if one.options.type.startswith("gcp:")}


def named(name: str, **changes: Any) -> Stack:
    return replace(stack_of(**changes), name=name)


def bucket(*, kept: bool) -> Registered:
    args = RecordsBucketArgs(name="records", stack=named("my.Stack", immutable=kept), location="us")
    return registered(lambda opts: RecordsBucket("records", args, opts).name)


@pytest.mark.parametrize("kept", [False, True])
def test_bucket_is_private_and_versioned(kept: bool) -> None:
    made = bucket(kept=kept)
    found = made.inputs("Bucket records-bucket")
    assert found["uniformBucketLevelAccess"] is True
    assert found["publicAccessPrevention"] == "enforced"
    assert found["versioning"] == {"enabled": True}
    assert found["labels"] == {"dstack-stack": "my-stack"}
    assert found["forceDestroy"] is not kept
    assert made.found["Bucket records-bucket"].options.protect is kept


def test_logs_expire_where_the_stack_is_not_kept() -> None:
    rules = bucket(kept=False).inputs("Bucket records-bucket")["lifecycleRules"]
    assert [rule["condition"].get("matchesPrefixes") for rule in rules] == [None, ["logs/"]]
    (kept,) = bucket(kept=True).inputs("Bucket records-bucket")["lifecycleRules"]
    assert kept["condition"]["withState"] == "ARCHIVED"


def test_only_the_proxy_gets_in() -> None:
    args = NetworkArgs(name="dstack-images-staging", region="us-central1")
    made = registered(lambda opts: Network("net", args, opts).subnet)
    rule = made.inputs("Firewall net-iap")
    assert rule["sourceRanges"] == [IAP] == ["35.235.240.0/20"]
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["22"]}]
    assert rule["direction"] == "INGRESS"
    assert made.inputs("Network net-network")["autoCreateSubnetworks"] is False
    assert [name.split()[0] for name in of_google(made)].count("Firewall") == 1


def baker(*, iap: bool = True, kept: bool = False) -> Registered:
    args = BuildIdentityArgs(stack_of(immutable=kept), scope=SCOPE, bucket="records", iap=iap)
    return registered(lambda opts: BuildIdentity("baker", args, opts).account)


def test_account_changes_only_what_is_the_stacks() -> None:
    made = baker()
    assert made.inputs("Account baker-account")["accountId"] == "dstack-images-staging"
    changing = made.inputs("IAMMember baker-change")["condition"]
    assert changing["expression"] == own_names(SCOPE)
    running = made.inputs("IAMMember baker-run")["condition"]
    assert running["expression"] == own_machines()
    assert "condition" not in made.inputs("IAMMember baker-make")
    assert made.inputs("BucketIAMMember baker-records")["bucket"] == "records"


def test_account_gets_no_role_of_the_whole_project_but_the_tunnel() -> None:
    made = baker()
    tunnel = made.inputs("IAMMember baker-tunnel")
    assert tunnel["role"] == "roles/iap.tunnelResourceAccessor"
    assert tunnel["condition"]["expression"] == "destination.port == 22"
    assert "IAMMember baker-tunnel" not in baker(iap=False).found


def test_name_of_the_account_fits_whatever_the_stack_is_called() -> None:
    args = BuildIdentityArgs(named("a-Very.long-name-of-a-stack"), SCOPE, "records", iap=False)
    made = registered(lambda opts: BuildIdentity("baker", args, opts).account)
    assert len(made.inputs("Account baker-account")["accountId"]) <= 30


@pytest.mark.parametrize("kept", [False, True])
def test_only_the_environment_of_the_repository_is_let_in(kept: bool) -> None:
    args = FederationArgs(stack_of(immutable=kept), GITHUB, "account")
    made = registered(lambda opts: Federation("github", args, opts).provider)
    provider = made.inputs("WorkloadIdentityPoolProvider github-provider")
    assert provider["attributeCondition"] == (
        'assertion.repository == "dstackai/images" && assertion.environment == "staging"'
    )
    assert provider["oidc"] == {"issuerUri": "https://token.actions.githubusercontent.com"}
    role = made.inputs("IAMMember github-account")["role"]
    assert role == "roles/iam.workloadIdentityUser"
    kept_there = {name for name, one in of_google(made).items() if one.options.protect}
    assert kept_there == (set(of_google(made)) - {"IAMMember github-account"} if kept else set())


def test_services_stay_on() -> None:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        Services("services", ServicesArgs("some-project"), opts)
        return pulumi.Output.from_input("")

    made = of_google(registered(make))
    assert len(made) == len(SERVICES)
    assert all(one.inputs["disableOnDestroy"] is False for one in made.values())
