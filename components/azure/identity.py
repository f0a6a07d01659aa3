"""The service principal that bakes and publishes, for workflows and people to act as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi_azuread as azuread
from pulumi_azure_native import authorization

from components.azure import rotation, waiting
from components.azure.account import Subscription
from components.azure.permissions import BUILD, CONTENT, LOOK, publish
from components.azure.roles import BLOB_CONTRIBUTOR, CONTRIBUTOR, builtin, guid
from components.child_options import child_options
from config.fields import Github
from config.stack import Stack

_ISSUER = "https://token.actions.githubusercontent.com"
_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class Scope:
    """Where it may do what. `whole`: anything in the subscription, as in dstack's old way."""

    subscription: Subscription
    group: str
    build_group: str
    publication: str
    public: bool
    whole: bool


@dataclass(frozen=True)
class BuildIdentityArgs:
    """Who may act as it, and what it may do.

    `rotate_after_days` None: it has no secret.
    """

    stack: Stack
    scope: Scope
    records: pulumi.Input[str]
    github: Github | None
    rotate_after_days: int | None
    today: date


class BuildIdentity(pulumi.ComponentResource):
    """An application of the directory, its service principal and its roles.

    `environment` is what acts as it, all of it secret; `ready` is known once all roles are there.
    """

    environment: Mapping[str, pulumi.Output[str]]
    ready: pulumi.Output[bool]

    def __init__(
        self, name: str, args: BuildIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:BuildIdentity", name, None, opts)
        self._name, self._args, self._stack = name, args, args.stack.name
        self._child = child_options(self, opts, protect=args.stack.protect)
        self._given = child_options(self, opts)
        # Whoever makes them: their provider leaves them without owners otherwise, and whoever is no
        # administrator may change nothing of what he does not own. Those that are there stay.
        owners = [args.scope.subscription.person]
        owned = pulumi.ResourceOptions.merge(
            self._child, pulumi.ResourceOptions(ignore_changes=["owners"])
        )
        application = azuread.Application(
            f"{name}-application",
            display_name=f"dstack-images-{self._stack}",
            description=f"Bakes and publishes the VM images of {self._stack}",
            owners=owners,
            opts=owned,
        )
        principal = azuread.ServicePrincipal(
            f"{name}-principal", client_id=application.client_id, owners=owners, opts=owned
        )
        if args.github is not None:
            self._trust(application, args.github)
        given = [self._records(principal), *self._roles(principal)]
        self.ready = pulumi.Output.all(*(one.id for one in given)).apply(lambda ids: bool(ids))
        variables: dict[str, pulumi.Input[str]] = {
            "AZURE_CLIENT_ID": application.client_id,
            "AZURE_TENANT_ID": args.scope.subscription.tenant,
            "AZURE_SUBSCRIPTION_ID": args.scope.subscription.id,
        }
        if args.rotate_after_days is not None:
            variables["AZURE_CLIENT_SECRET"] = self._secret(application, args.rotate_after_days)
        self.environment = {
            variable: pulumi.Output.secret(value) for variable, value in variables.items()
        }
        self.register_outputs({"client_id": application.client_id})

    def _trust(self, application: azuread.Application, github: Github) -> None:
        """A credential for each subject: Azure compares one as a whole, and knows no list."""
        for trust, subject in zip(("github", "github-ids"), github.subjects, strict=False):
            azuread.ApplicationFederatedIdentityCredential(
                f"{self._name}-{trust}",
                application_id=application.id,
                display_name=trust,
                issuer=_ISSUER,
                audiences=[_AUDIENCE],
                subject=subject,
                opts=self._child,
            )

    def _secret(self, application: azuread.Application, days: int) -> pulumi.Output[str]:
        number = rotation.period(self._args.today, days)
        return azuread.ApplicationPassword(
            f"{self._name}-secret",
            application_id=application.id,
            display_name=f"period {number} of {days} days",
            end_date=rotation.valid_until(number, days),
            # The one before stays valid to its end: somebody may be baking with it. Not protected:
            # Pulumi would not replace it either.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        ).value

    def _records(self, principal: azuread.ServicePrincipal) -> authorization.RoleAssignment:
        role = builtin(self._args.scope.subscription, BLOB_CONTRIBUTOR)
        return self._assign("records", principal, role, self._args.records)

    def _roles(self, principal: azuread.ServicePrincipal) -> list[authorization.RoleAssignment]:
        scope = self._args.scope
        whole = scope.subscription.scope
        if scope.whole:
            role = builtin(scope.subscription, CONTRIBUTOR)
            return [self._assign("contributor", principal, role, whole)]
        places: dict[str, tuple[str, Sequence[str]]] = {
            "build": (scope.subscription.group(scope.build_group), BUILD),
            "content": (scope.subscription.group(scope.group), CONTENT),
            "publish": (
                scope.subscription.group(scope.publication),
                publish(public=scope.public, protect=self._args.stack.protect),
            ),
            "look": (whole, LOOK),
        }
        return [
            self._assign(what, principal, self._role(what, actions), place)
            for what, (place, actions) in places.items()
        ]

    def _role(self, what: str, actions: Sequence[str]) -> pulumi.Output[str]:
        """One of the subscription, wherever it is given: where a role is from cannot change, and
        Azure deletes none that somebody has.
        """
        subscription = self._args.scope.subscription
        role = authorization.RoleDefinition(
            f"{self._name}-{what}-role",
            scope=subscription.scope,
            role_definition_id=self._guid(f"role {what}"),
            # The directory wants another name for each subscription.
            role_name=f"dstack images of {self._stack} in {subscription.id}: {what}",
            description=f"What {what} needs; see docs/azure.md of dstack's images",
            role_type="CustomRole",
            permissions=[authorization.PermissionArgs(actions=list(actions))],
            assignable_scopes=[subscription.scope],
            opts=self._child,
        )
        if pulumi.runtime.is_dry_run():
            # When a role was made is not known in advance, not even of one that is there already.
            return role.id
        return pulumi.Output.all(role.id, role.created_on).apply(
            lambda made: waiting.settled(str(made[0]), made[1])
        )

    def _assign(
        self,
        what: str,
        principal: azuread.ServicePrincipal,
        role: pulumi.Input[str],
        place: pulumi.Input[str],
    ) -> authorization.RoleAssignment:
        return authorization.RoleAssignment(
            f"{self._name}-{what}",
            # By whom too: what an application had that was deleted stays, and keeps its names.
            role_assignment_name=principal.object_id.apply(
                lambda who: self._guid(f"assignment {what} of {who}")
            ),
            principal_id=principal.object_id,
            # Said, since the directory may not yet know what a new principal is.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=role,
            scope=place,
            # Not protected: it is made anew where a group is another one.
            opts=self._given,
        )

    def _guid(self, what: str) -> str:
        return guid(self._args.scope.subscription, f"{self._stack} {what}")
