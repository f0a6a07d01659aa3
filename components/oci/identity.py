"""The group that bakes and publishes, for users with API keys to be in."""

from dataclasses import dataclass

import pulumi
from pulumi_oci import identity

from components.child_options import child_options
from components.oci.permissions import Scope, statements
from config.stack import Stack
from images.tags import STACK


@dataclass(frozen=True)
class BuildGroupArgs:
    """The stack that has the group, and what the group may do."""

    stack: Stack
    tenancy: str
    scope: Scope


class BuildGroup(pulumi.ComponentResource):
    """A group, and the policy of what it may do. Who is in it is a person's decision."""

    group: pulumi.Output[str]

    def __init__(
        self, name: str, args: BuildGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:oci:BuildGroup", name, None, opts)
        child = child_options(self, opts, protect=args.stack.protect)
        stack, tags = args.stack.name, {STACK: args.stack.name}
        group = identity.Group(
            f"{name}-group",
            compartment_id=args.tenancy,
            name=args.scope.group,
            description=f"Bakes and publishes the VM images of {stack}",
            freeform_tags=tags,
            opts=child,
        )
        identity.Policy(
            f"{name}-policy",
            compartment_id=args.tenancy,
            name=args.scope.group,
            description=f"What baking and publishing the VM images of {stack} takes",
            # A statement that names a group which is not there yet is refused.
            statements=group.name.apply(lambda _: statements(args.scope)),
            freeform_tags=tags,
            opts=child,
        )
        self.group = group.name
        self.register_outputs({"group": self.group})
