"""What makes a network in EC2. All of it follows one pattern, so a type is mostly a table."""

from typing import Any, ClassVar

from botocore import xform_name

from tests.simulators.aws.provider.model import AwsModel
from tests.simulators.aws.provider.tags import retag
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

ROUTE = {
    "cidrBlock": "DestinationCidrBlock",
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


def given(inputs: Properties, names: dict[str, str]) -> dict[str, Any]:
    """The inputs that are there, by EC2's names."""
    return {theirs: inputs[ours] for ours, theirs in names.items() if inputs.get(ours)}


def _call(client: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    return getattr(client, xform_name(operation))(**parameters)


class Described(AwsModel):
    """A thing that EC2 creates, describes and deletes under one noun."""

    service = "ec2"
    noun: ClassVar[str]
    # The name of its ID in calls.
    id: ClassVar[str]
    # Input property: parameter of the call that creates.
    made_with: ClassVar[dict[str, str]] = {}
    # Output property: field of the description.
    shown: ClassVar[dict[str, str]] = {}

    def create(self, name: str, inputs: Properties) -> Made:
        client = self.client(inputs)
        answer = _call(client, f"Create{self.noun}", **given(inputs, self.made_with))
        id = answer.get(self.noun, answer)[self.id]
        retag(client, id, {}, inputs)
        self.settle(client, id, {}, inputs)
        return Made(id, self._outputs(id, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        found = _call(self.client(state), f"Describe{self.noun}s", **{f"{self.id}s": [id]})
        (thing,) = found[f"{self.noun}s"]
        arn = f"{xform_name(self.noun).replace('_', '-')}/{id}"
        return {
            **state,
            **{ours: thing[theirs] for ours, theirs in self.shown.items() if theirs in thing},
            **self.tags_seen(thing.get("Tags", []), state),
            **self.details(thing, state),
            "arn": self.arn(arn, state),
            "ownerId": self.account.number,
            "region": self.region(state),
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        client = self.client(inputs)
        retag(client, id, state, inputs)
        self.settle(client, id, state, inputs)
        return self._outputs(id, inputs)

    def delete(self, id: str, state: Properties) -> None:
        client = self.client(state)
        self.release(client, id, state)
        _call(client, f"Delete{self.noun}", **{self.id: id})

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        """Do what takes calls of its own, at first and at each change."""

    def release(self, client: Any, id: str, state: Properties) -> None:
        """Undo what would keep it from being deleted."""

    def details(self, thing: dict[str, Any], state: Properties) -> Properties:
        """Outputs that are more than a field."""
        return {}

    def _outputs(self, id: str, inputs: Properties) -> Properties:
        return self.read(id, inputs) or {}


class Vpc(Described):
    noun, id = "Vpc", "VpcId"
    rules: ClassVar[Rules] = replaced_by("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength")
    made_with: ClassVar = {"cidrBlock": "CidrBlock", "instanceTenancy": "InstanceTenancy"}
    shown: ClassVar = {**made_with, "dhcpOptionsId": "DhcpOptionsId"}

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        for ours, theirs in (
            ("enableDnsSupport", "EnableDnsSupport"),
            ("enableDnsHostnames", "EnableDnsHostnames"),
        ):
            if ours in inputs:
                client.modify_vpc_attribute(VpcId=id, **{theirs: {"Value": inputs[ours]}})

    def details(self, thing: dict[str, Any], state: Properties) -> Properties:
        client, of_vpc = self.client(state), [{"Name": "vpc-id", "Values": [thing["VpcId"]]}]
        groups = client.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
        (table,) = client.describe_route_tables(
            Filters=[*of_vpc, {"Name": "association.main", "Values": ["true"]}]
        )["RouteTables"]
        (group,) = (group["GroupId"] for group in groups if group["GroupName"] == "default")
        return {
            "defaultSecurityGroupId": group,
            "defaultRouteTableId": table["RouteTableId"],
            "mainRouteTableId": table["RouteTableId"],
        }


class Subnet(Described):
    noun, id = "Subnet", "SubnetId"
    rules: ClassVar[Rules] = replaced_by(
        "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "outpostArn"
    )
    made_with: ClassVar = {
        "vpcId": "VpcId",
        "cidrBlock": "CidrBlock",
        "availabilityZone": "AvailabilityZone",
        "availabilityZoneId": "AvailabilityZoneId",
    }
    shown: ClassVar = {**made_with, "mapPublicIpOnLaunch": "MapPublicIpOnLaunch"}

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        wanted = {"Value": inputs.get("mapPublicIpOnLaunch", False)}
        client.modify_subnet_attribute(SubnetId=id, MapPublicIpOnLaunch=wanted)


class InternetGateway(Described):
    noun, id = "InternetGateway", "InternetGatewayId"

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        if before.get("vpcId") != inputs.get("vpcId"):
            self.release(client, id, before)
            if inputs.get("vpcId"):
                client.attach_internet_gateway(InternetGatewayId=id, VpcId=inputs["vpcId"])

    def release(self, client: Any, id: str, state: Properties) -> None:
        if state.get("vpcId"):
            client.detach_internet_gateway(InternetGatewayId=id, VpcId=state["vpcId"])

    def details(self, thing: dict[str, Any], state: Properties) -> Properties:
        attached = thing.get("Attachments", [])
        return {"vpcId": attached[0]["VpcId"] if attached else None}


class RouteTable(Described):
    noun, id = "RouteTable", "RouteTableId"
    rules: ClassVar[Rules] = replaced_by("vpcId")
    made_with: ClassVar = {"vpcId": "VpcId"}
    shown: ClassVar = made_with

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        old, new = before.get("routes", []), inputs.get("routes", [])
        for route in old:
            if route not in new:
                client.delete_route(RouteTableId=id, DestinationCidrBlock=route["cidrBlock"])
        for route in new:
            if route not in old:
                client.create_route(RouteTableId=id, **given(route, ROUTE))

    def details(self, thing: dict[str, Any], state: Properties) -> Properties:
        there = {route.get("DestinationCidrBlock") for route in thing["Routes"]}
        routes = [one for one in state.get("routes", []) if one["cidrBlock"] in there]
        return {"routes": routes}


class RouteTableAssociation(AwsModel):
    service = "ec2"
    rules: ClassVar[Rules] = replaced_by("subnetId", "gatewayId", "routeTableId")

    def create(self, name: str, inputs: Properties) -> Made:
        target = given(inputs, {"subnetId": "SubnetId", "gatewayId": "GatewayId"})
        made = self.client(inputs).associate_route_table(
            RouteTableId=inputs["routeTableId"], **target
        )
        return Made(made["AssociationId"], {**inputs, "region": self.region(inputs)})

    def read(self, id: str, state: Properties) -> Properties | None:
        wanted = [{"Name": "association.route-table-association-id", "Values": [id]}]
        found = self.client(state).describe_route_tables(Filters=wanted)["RouteTables"]
        return {**state, "routeTableId": found[0]["RouteTableId"]} if found else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        return {**state, **inputs}

    def delete(self, id: str, state: Properties) -> None:
        self.client(state).disassociate_route_table(AssociationId=id)
