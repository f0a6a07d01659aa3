"""Where bake records, package lists and logs are kept for people to read."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, storage

from components.azure.account import Subscription
from components.azure.roles import BLOB_CONTRIBUTOR, builtin, guid
from config.stack import Stack
from images.storage import AZURE_CONTAINER
from images.tags import STACK

_DAYS = 30
#: Of a stack that is kept, a record that was overwritten can be had back for this long.
_DAYS_KEPT = 90


@dataclass(frozen=True)
class RecordsArgs:
    """The stack that has them, and which people write them. Those of a protected one outlive it."""

    stack: Stack
    subscription: Subscription
    account: str
    group: pulumi.Input[str]
    location: str
    operators: Sequence[str]


class Records(pulumi.ComponentResource):
    """A storage account with one private container, every blob of it versioned.

    Below `records/`, `packages/`, `sboms/` and `logs/`. It has keys, as every account, but answers
    to none: who may look is said by roles alone. Where the stack is kept, nothing expires but what
    was overwritten; elsewhere logs go after a month, and all goes with the stack.
    """

    container: pulumi.Output[str]
    account_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: RecordsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:Records", name, None, opts)
        stack = args.stack
        child = pulumi.ResourceOptions(parent=self, protect=stack.protect)
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.account,
            resource_group_name=args.group,
            location=args.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            tags={STACK: stack.name},
            opts=child,
        )
        storage.BlobServiceProperties(
            f"{name}-versions",
            account_name=account.name,
            resource_group_name=args.group,
            blob_services_name="default",
            is_versioning_enabled=True,
            opts=child,
        )
        storage.ManagementPolicy(
            f"{name}-lifecycle",
            account_name=account.name,
            resource_group_name=args.group,
            management_policy_name="default",
            policy=storage.ManagementPolicySchemaArgs(rules=_lifecycle(protect=stack.protect)),
            opts=child,
        )
        operators = [
            authorization.RoleAssignment(
                f"{name}-{operator}",
                role_assignment_name=guid(args.subscription, f"{stack.name} operator {operator}"),
                principal_id=operator,
                role_definition_id=builtin(args.subscription, BLOB_CONTRIBUTOR),
                scope=account.id,
                # People come and go, in a stack that is kept too.
                opts=pulumi.ResourceOptions(parent=self),
            )
            for operator in args.operators
        ]
        container = storage.BlobContainer(
            f"{name}-container",
            account_name=account.name,
            resource_group_name=args.group,
            container_name=AZURE_CONTAINER,
            public_access=storage.PublicAccess.NONE,
            # Whoever knows the container may write into it.
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=operators)),
        )
        self.container, self.account_id = container.name, account.id
        self.register_outputs({"container": self.container})


def _lifecycle(*, protect: bool) -> list[storage.ManagementPolicyRuleArgs]:
    overwritten = storage.ManagementPolicyActionArgs(
        version=storage.ManagementPolicyVersionArgs(
            delete=_after_creation(_DAYS_KEPT if protect else _DAYS)
        )
    )
    rules = [_rule("overwritten", overwritten, AZURE_CONTAINER)]
    if not protect:
        old = storage.ManagementPolicyActionArgs(
            base_blob=storage.ManagementPolicyBaseBlobArgs(
                delete=storage.DateAfterModificationArgs(days_after_modification_greater_than=_DAYS)
            )
        )
        rules.append(_rule("logs", old, f"{AZURE_CONTAINER}/logs/"))
    return rules


def _after_creation(days: int) -> storage.DateAfterCreationArgs:
    return storage.DateAfterCreationArgs(days_after_creation_greater_than=days)


def _rule(
    name: str, actions: storage.ManagementPolicyActionArgs, prefix: str
) -> storage.ManagementPolicyRuleArgs:
    return storage.ManagementPolicyRuleArgs(
        name=name,
        enabled=True,
        type=storage.RuleType.LIFECYCLE,
        definition=storage.ManagementPolicyDefinitionArgs(
            actions=actions,
            filters=storage.ManagementPolicyFilterArgs(
                blob_types=["blockBlob"], prefix_match=[prefix]
            ),
        ),
    )
