"""A network of the stack's own, for where configuration names none."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_oci import core

from components.child_options import child_options
from config.stack import Stack
from images.tags import STACK

#: Connected with no other network, so any private range does. Docker's own begins with 172.
_RANGE = "10.74.0.0/24"
_EVERYWHERE = "0.0.0.0/0"
#: Protocols go by their numbers.
_TCP, _SSH = "6", 22


@dataclass(frozen=True)
class NetworkArgs:
    """The stack that has the network, and from where its machines are reached."""

    stack: Stack
    compartment: str
    ssh_from: Sequence[str]


class Network(pulumi.ComponentResource):
    """A subnet whose machines let SSH in from given networks, and nothing else.

    It does not have the list of rules that a network comes with, which lets SSH in from everywhere.
    """

    subnet: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:oci:Network", name, None, opts)
        child = child_options(self, opts)
        shown, tags = f"dstack-images-{args.stack.name}", {STACK: args.stack.name}
        network = core.Vcn(
            f"{name}-network",
            compartment_id=args.compartment,
            cidr_blocks=[_RANGE],
            display_name=shown,
            freeform_tags=tags,
            opts=child,
        )
        gateway = core.InternetGateway(
            f"{name}-gateway",
            compartment_id=args.compartment,
            vcn_id=network.id,
            display_name=shown,
            freeform_tags=tags,
            opts=child,
        )
        routes = core.RouteTable(
            f"{name}-routes",
            compartment_id=args.compartment,
            vcn_id=network.id,
            display_name=shown,
            route_rules=[
                core.RouteTableRouteRuleArgs(
                    destination=_EVERYWHERE,
                    destination_type="CIDR_BLOCK",
                    network_entity_id=gateway.id,
                )
            ],
            freeform_tags=tags,
            opts=child,
        )
        rules = core.SecurityList(
            f"{name}-rules",
            compartment_id=args.compartment,
            vcn_id=network.id,
            display_name=shown,
            ingress_security_rules=[_ssh(network) for network in args.ssh_from],
            egress_security_rules=[
                core.SecurityListEgressSecurityRuleArgs(destination=_EVERYWHERE, protocol="all")
            ],
            freeform_tags=tags,
            opts=child,
        )
        subnet = core.Subnet(
            f"{name}-subnet",
            compartment_id=args.compartment,
            vcn_id=network.id,
            cidr_block=_RANGE,
            route_table_id=routes.id,
            security_list_ids=[rules.id],
            display_name=shown,
            freeform_tags=tags,
            opts=child,
        )
        self.subnet = subnet.id
        self.register_outputs({"subnet": self.subnet})


def _ssh(network: str) -> core.SecurityListIngressSecurityRuleArgs:
    return core.SecurityListIngressSecurityRuleArgs(
        protocol=_TCP,
        source=network,
        source_type="CIDR_BLOCK",
        tcp_options=core.SecurityListIngressSecurityRuleTcpOptionsArgs(min=_SSH, max=_SSH),
    )
