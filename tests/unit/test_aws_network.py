"""The network that a stack makes where configuration names no subnet."""

import pulumi
import pulumi_aws as aws
import pytest

from components.aws.network import Network, NetworkArgs
from tests.unit.registered import Registered, registered
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit


def network() -> Registered:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        return Network("net", NetworkArgs(stack_of()), opts).subnet_id

    return registered(make)


@pytest.fixture(scope="module")
def made() -> Registered:
    return network()


def test_machines_of_the_subnet_reach_the_internet(made: Registered) -> None:
    assert made.output == "net-public-id"
    assert made.inputs("Subnet net-public")["mapPublicIpOnLaunch"] is True
    assert made.inputs("Subnet net-public")["vpcId"] == "net-vpc-id"
    assert made.inputs("InternetGateway net-gateway")["vpcId"] == "net-vpc-id"
    route = made.inputs("Route net-way-out")
    assert route["destinationCidrBlock"] == "0.0.0.0/0"
    assert route["gatewayId"] == "net-gateway-id"
    association = made.inputs("RouteTableAssociation net-association")
    assert association == {"subnetId": "net-public-id", "routeTableId": route["routeTableId"]}


def test_machine_waits_for_the_way_out() -> None:
    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        subnet = Network("net", NetworkArgs(stack_of()), opts).subnet_id
        return aws.ec2.Instance("machine", subnet_id=subnet, opts=opts).id

    waited_for = " ".join(registered(make).found["Instance machine"].options.dependencies)
    for name in ("net-public", "net-way-out", "net-association"):
        assert f"::{name}" in waited_for


def test_nothing_is_let_in(made: Registered) -> None:
    group = made.inputs("DefaultSecurityGroup net-default")
    assert (group["ingress"], group["egress"]) == ([], [])
    assert group["vpcId"] == "net-vpc-id"
    kinds = {name.split()[0] for name in made.children()}
    assert "SecurityGroup" not in kinds
    assert "SecurityGroupRule" not in kinds


def test_all_that_can_be_tagged_is(made: Registered) -> None:
    untagged = {
        name.split()[0]
        for name, noted in made.children().items()
        if noted.inputs.get("tags") != {"dstack-stack": "staging", "Name": "dstack-images-staging"}
    }
    assert untagged == {"Route", "RouteTableAssociation"}, "AWS takes no tags for these"


def test_everything_goes_through_the_given_provider(made: Registered) -> None:
    assert len(made.children()) == 7
    for name, noted in made.children().items():
        assert "pulumi:providers:aws::explicit" in noted.options.provider, name
        assert noted.options.parent.endswith("dstack-images:aws:Network::net"), name
