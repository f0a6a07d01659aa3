"""A resource group: of content, of machines, or of published names."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.azure.ownership import Ownership
from config.stack import Stack
from images.tags import STACK


@dataclass(frozen=True)
class GroupArgs:
    """Which group it is, and what the stack may do with it."""

    stack: Stack
    claim: Ownership


class Group(pulumi.ComponentResource):
    """Made, taken over, or adopted as it is.

    A group goes with all that is in it, content of other stacks and things of other people too.
    So it stays when the stack goes: empty, it costs nothing, and the stack takes it over again.
    That is protection enough: with more, a stack that is kept could not choose another group.
    """

    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: GroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:Group", name, None, opts)
        claim = args.claim
        if claim.adopted:
            self.name = pulumi.Output.from_input(claim.name)
        else:
            self.name = resources.ResourceGroup(
                f"{name}-group",
                resource_group_name=claim.name,
                location=claim.location,
                tags={STACK: args.stack.name},
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True, import_=claim.id),
            ).name
        self.register_outputs({"name": self.name})
