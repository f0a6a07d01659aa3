"""The role of a repository's workflows."""

import json
from typing import Literal

import pulumi
import pytest

from components.aws.identity import BuildIdentity, BuildIdentityArgs
from components.aws.policies import permissions, trust
from components.aws.statements import Scope
from config.fields import Github
from tests.unit.registered import Registered, registered
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit

SCOPE = Scope(
    stack="staging",
    account="123456789012",
    home_region="eu-west-1",
    regions=["eu-west-1"],
    bucket="dstack-images-staging-123456789012",
    public=False,
)
SUBNET = "subnet-1"
GITHUB = Github(repository="dstackai/images", environment="staging")
PROVIDER = "OpenIdConnectProvider github-provider"


def identity(*, provider: Literal["new", "existing"] = "new", kept: bool = False) -> Registered:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        args = BuildIdentityArgs(
            stack=stack_of(immutable=kept),
            github=GITHUB,
            provider=provider,
            scope=SCOPE,
            subnet=pulumi.Output.from_input(SUBNET),
        )
        return BuildIdentity("github", args, opts).role_arn

    return registered(make)


def test_role_is_named_after_the_stack_and_lasts_as_long_as_a_bake() -> None:
    made = identity()
    assert made.output == "arn-of-github-role"
    role = made.inputs("Role github-role")
    assert role["name"] == "dstack-images-staging"
    assert role["maxSessionDuration"] == 6 * 60 * 60
    assert role["tags"]["dstack-stack"] == "staging"


def test_may_do_what_the_policies_say_and_nothing_else() -> None:
    made = identity()
    attached = made.inputs("RolePolicy github-permissions")
    assert json.loads(attached["policy"]) == permissions(SCOPE, SUBNET)
    role = made.inputs("Role github-role")
    assert "managedPolicyArns" not in role
    assert "inlinePolicies" not in role
    kinds = sorted(name.split()[0] for name in made.children())
    assert kinds == ["OpenIdConnectProvider", "Role", "RolePolicy"]


def test_new_provider_is_githubs_and_for_aws_only() -> None:
    made = identity()
    provider = made.inputs(PROVIDER)
    assert provider["url"] == "https://token.actions.githubusercontent.com"
    assert provider["clientIdLists"] == ["sts.amazonaws.com"]
    assert provider["tags"]["dstack-stack"] == "staging"
    role = made.inputs("Role github-role")
    assert json.loads(role["assumeRolePolicy"]) == trust("arn-of-github-provider", GITHUB.subjects)


def test_existing_provider_is_used_and_left_alone() -> None:
    made = identity(provider="existing")
    assert PROVIDER not in made.children()
    role = made.inputs("Role github-role")
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {
        "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    }


@pytest.mark.parametrize("kept", [False, True])
def test_protected_where_the_stack_is_kept(kept: bool) -> None:
    made = identity(kept=kept)
    for name, noted in made.children().items():
        assert noted.options.protect is kept, name
        assert "pulumi:providers:aws::explicit" in noted.options.provider, name
