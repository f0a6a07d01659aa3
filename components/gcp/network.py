"""A network of the stack's own, for where configuration names none."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import compute

from components.child_options import child_options

#: Connected with no other network, so any private range does. Docker's own begins with 172.
_RANGE = "10.73.0.0/24"
#: From where Identity-Aware Proxy comes in ("Using IAP for TCP forwarding").
IAP = "35.235.240.0/20"


@dataclass(frozen=True)
class NetworkArgs:
    """What it is called, and where its machines are."""

    name: str
    region: str


class Network(pulumi.ComponentResource):
    """A subnet whose machines are reached by Identity-Aware Proxy and by nobody else.

    A machine has an address of its own while it lives, but only to install packages: a NAT gateway
    would do the same and cost all day long. What comes in from elsewhere is dropped, which is what
    a network does without a rule ("VPC firewall rules"). `subnet` is known once the rule is there.
    """

    subnet: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:Network", name, None, opts)
        child = child_options(self, opts)
        network = compute.Network(
            f"{name}-network", name=args.name, auto_create_subnetworks=False, opts=child
        )
        subnet = compute.Subnetwork(
            f"{name}-subnet",
            name=args.name,
            network=network.id,
            region=args.region,
            ip_cidr_range=_RANGE,
            opts=child,
        )
        rule = compute.Firewall(
            f"{name}-iap",
            name=f"{args.name}-iap",
            network=network.id,
            direction="INGRESS",
            source_ranges=[IAP],
            allows=[compute.FirewallAllowArgs(protocol="tcp", ports=["22"])],
            opts=child,
        )
        self.subnet = pulumi.Output.all(subnet.id, rule.id).apply(lambda found: str(found[0]))
        self.register_outputs({"subnet": self.subnet})
