"""Lets a GitHub repository's workflows act as the account that bakes."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import iam, serviceaccount

from components.child_options import child_options
from components.gcp.permissions import of_environment
from config.fields import Github
from config.stack import Stack
from images.labels import label

_ISSUER = "https://token.actions.githubusercontent.com"
#: "Workload Identity Federation": identifiers of pools have 4 to 32 characters.
_LONGEST = 32


@dataclass(frozen=True)
class FederationArgs:
    """Which environment of which repository, and as whom (the account's full name)."""

    stack: Stack
    github: Github
    account: pulumi.Input[str]


class Federation(pulumi.ComponentResource):
    """A pool of the stack's own: GitHub vouches for a workflow, Google lends it the account.

    `provider` is what a workflow names. Google keeps a pool's identifier for 30 days after it was
    deleted, in which none of the same can be made.
    """

    provider: pulumi.Output[str]

    def __init__(
        self, name: str, args: FederationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:Federation", name, None, opts)
        child = child_options(self, opts, protect=args.stack.protect)
        pool = iam.WorkloadIdentityPool(
            f"{name}-pool",
            workload_identity_pool_id=f"dstack-images-{label(args.stack.name)}"[:_LONGEST].rstrip(
                "-"
            ),
            display_name="dstack images",
            opts=child,
        )
        provider = iam.WorkloadIdentityPoolProvider(
            f"{name}-provider",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id="github",
            attribute_mapping={
                "google.subject": "assertion.sub",
                "attribute.repository": "assertion.repository",
            },
            attribute_condition=of_environment(args.github),
            oidc=iam.WorkloadIdentityPoolProviderOidcArgs(issuer_uri=_ISSUER),
            opts=child,
        )
        serviceaccount.IAMMember(
            f"{name}-account",
            service_account_id=args.account,
            role="roles/iam.workloadIdentityUser",
            member=pool.name.apply(
                lambda pool: (
                    f"principalSet://iam.googleapis.com/{pool}/attribute.repository/"
                    f"{args.github.name}"
                )
            ),
            # A repository that is renamed takes another one: see BuildIdentity.
            opts=child_options(self, opts),
        )
        self.provider = provider.name
        self.register_outputs({"provider": self.provider})
