"""The role that a GitHub repository's workflows take on to bake and publish."""

import json
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.aws.policies import GITHUB, STS, Scope, permissions, trust
from components.aws.tags import resource_tags
from config.fields import Github
from config.stack import Stack

#: As long as a job of GitHub's runners may last, which has a bake, its verification and copies in
#: it. AWS ends the session then, whatever runs.
SESSION_SECONDS = 6 * 60 * 60


@dataclass(frozen=True)
class BuildIdentityArgs:
    """Who may take the role on, and what it may do.

    `provider`: an account has one identity provider for GitHub. The stack with `new` makes it and
    destroys it, so it should be the one that is protected.
    """

    stack: Stack
    github: Github
    provider: Literal["new", "existing"]
    scope: Scope
    subnet: pulumi.Input[str]


class BuildIdentity(pulumi.ComponentResource):
    """A role without keys: GitHub vouches for a workflow, AWS lends it the role for some hours."""

    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BuildIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:aws:BuildIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.stack.protect)
        stack = args.stack.name
        role_name = f"dstack-images-{stack}"

        def trust_document(provider: str) -> str:
            return json.dumps(trust(provider, args.github.subjects))

        def permissions_document(subnet: str) -> str:
            return json.dumps(permissions(args.scope, subnet))

        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            description=f"Bakes and publishes the VM images of {stack}",
            assume_role_policy=_provider_arn(name, args, child).apply(trust_document),
            max_session_duration=SESSION_SECONDS,
            tags=resource_tags(args.stack, role_name),
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{name}-permissions",
            name="bake-and-publish",
            role=role.name,
            policy=pulumi.Output.from_input(args.subnet).apply(permissions_document),
            opts=child,
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def _provider_arn(
    name: str, args: BuildIdentityArgs, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    if args.provider == "existing":
        arn = f"arn:aws:iam::{args.scope.account}:oidc-provider/{GITHUB}"
        return pulumi.Output.from_input(arn)
    return aws.iam.OpenIdConnectProvider(
        f"{name}-provider",
        url=f"https://{GITHUB}",
        client_id_lists=[STS],
        tags=resource_tags(args.stack, GITHUB),
        opts=child,
    ).arn
