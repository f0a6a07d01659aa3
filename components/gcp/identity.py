"""The service account that bakes and publishes, for people and workflows to act as."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import projects, serviceaccount, storage

from components.child_options import child_options
from components.gcp.permissions import (
    MAKE,
    RUN,
    Scope,
    change,
    only_ssh,
    own_machines,
    own_names,
)
from config.stack import Stack
from images.labels import label

#: "Create service accounts": 6 to 30 characters.
_LONGEST = 30


@dataclass(frozen=True)
class BuildIdentityArgs:
    """The stack that has the account, and what it may do. `iap`: machines are reached through a
    tunnel.
    """

    stack: Stack
    scope: Scope
    bucket: pulumi.Input[str]
    iap: bool


class BuildIdentity(pulumi.ComponentResource):
    """An account without keys, and without a machine: no machine acts as it.

    What it is allowed is never protected: it holds nothing, and Google changes none of it in place
    (google_project_iam_member), so a protected one would end each `up` that needs another.
    """

    email: pulumi.Output[str]
    account: pulumi.Output[str]

    def __init__(
        self, name: str, args: BuildIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:BuildIdentity", name, None, opts)
        self._name, self._project, stack = name, args.scope.project, args.stack.name
        self._child = child_options(self, opts, protect=args.stack.protect)
        self._binding = child_options(self, opts)
        account = serviceaccount.Account(
            f"{name}-account",
            account_id=f"dstack-images-{label(stack)}"[:_LONGEST].rstrip("-"),
            display_name=f"Bakes and publishes the VM images of {stack}",
            opts=self._child,
        )
        self._member = account.member
        self._role("make", stack, list(MAKE))
        self._role("run", stack, list(RUN), own_machines())
        self._role("change", stack, change(args.scope), own_names(args.scope))
        if args.iap:
            self._bind("tunnel", "roles/iap.tunnelResourceAccessor", only_ssh())
        storage.BucketIAMMember(
            f"{name}-records",
            bucket=args.bucket,
            role="roles/storage.objectUser",
            member=self._member,
            opts=self._binding,
        )
        self.email, self.account = account.email, account.name
        self.register_outputs({"email": self.email})

    def _role(
        self, what: str, stack: str, permissions: list[str], condition: str | None = None
    ) -> None:
        role = projects.IAMCustomRole(
            f"{self._name}-{what}-role",
            role_id=f"dstack_images_{label(stack).replace('-', '_')}_{what}",
            title=f"dstack images of {stack}: {what}",
            permissions=permissions,
            opts=self._child,
        )
        self._bind(what, role.name, condition)

    def _bind(self, what: str, role: pulumi.Input[str], condition: str | None) -> None:
        projects.IAMMember(
            f"{self._name}-{what}",
            project=self._project,
            role=role,
            member=self._member,
            condition=projects.IAMMemberConditionArgs(title=what, expression=condition)
            if condition
            else None,
            opts=self._binding,
        )
