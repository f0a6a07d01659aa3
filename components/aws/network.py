"""A network of the stack's own, for where configuration names none."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.tags import resource_tags
from config.stack import Stack

#: Connected with no other network, so any private range does. Docker's own begins with 172.
_RANGE = "10.73.0.0/24"
_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class NetworkArgs:
    """The stack that has the network. The region is the provider's."""

    stack: Stack


class Network(pulumi.ComponentResource):
    """A public subnet with a way to the internet, and no way in.

    `subnet_id` is known once the way out exists: a machine that starts before it installs nothing.
    Packer lets itself in with a security group for each run. The group that every VPC is born with
    lets all of its members talk to each other; it is adopted and emptied, so that a machine which
    is put into it by mistake is alone ("Default security groups for your VPCs", Amazon VPC User
    Guide).
    """

    subnet_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:aws:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = resource_tags(args.stack, f"dstack-images-{args.stack.name}")
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block=_RANGE, tags=tags, opts=child)
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], tags=tags, opts=child
        )
        subnet = aws.ec2.Subnet(
            f"{name}-public",
            vpc_id=vpc.id,
            cidr_block=_RANGE,
            map_public_ip_on_launch=True,
            tags=tags,
            opts=child,
        )
        gateway = aws.ec2.InternetGateway(f"{name}-gateway", vpc_id=vpc.id, tags=tags, opts=child)
        table = aws.ec2.RouteTable(f"{name}-routes", vpc_id=vpc.id, tags=tags, opts=child)
        way_out = aws.ec2.Route(
            f"{name}-way-out",
            route_table_id=table.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            opts=child,
        )
        association = aws.ec2.RouteTableAssociation(
            f"{name}-association", subnet_id=subnet.id, route_table_id=table.id, opts=child
        )
        self.subnet_id = pulumi.Output.all(subnet.id, way_out.id, association.id).apply(
            lambda found: str(found[0])
        )
        self.register_outputs({"subnet_id": self.subnet_id})
