"""Security groups and their rules."""

from typing import Any, ClassVar

from tests.simulators.aws.provider.model import AwsModel
from tests.simulators.aws.provider.network import Described, given
from tests.simulators.aws.provider.tags import retag
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

ALL = "-1"
# Input property of a rule inside a group: the list in EC2's words, and the field in its entries.
PEERS = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
# Input property of a rule that is a resource: the same.
PEER = {
    "cidrIpv4": PEERS["cidrBlocks"],
    "cidrIpv6": PEERS["ipv6CidrBlocks"],
    "prefixListId": PEERS["prefixListIds"],
    "referencedSecurityGroupId": PEERS["securityGroups"],
}
HELD = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


class SecurityGroup(Described):
    noun, id = "SecurityGroup", "GroupId"
    rules: ClassVar[Rules] = replaced_by("name", "namePrefix", "description", "vpcId")
    made_with: ClassVar = {"name": "GroupName", "description": "Description", "vpcId": "VpcId"}
    shown: ClassVar = made_with

    def create(self, name: str, inputs: Properties) -> Made:
        return super().create(name, {"description": "Managed by Pulumi", **inputs})

    def settle(self, client: Any, id: str, before: Properties, inputs: Properties) -> None:
        (group,) = client.describe_security_groups(GroupIds=[id])["SecurityGroups"]
        for way, held in HELD.items():
            wanted = [_permission(rule, id) for rule in inputs.get(way, [])]
            # A group is made with a rule that lets everything out: the provider takes it away.
            # Later, rules that the group itself does not declare are somebody else's.
            if _flat(wanted) == _flat(group[held]) or (before and way not in inputs):
                continue
            if group[held]:
                revoke = getattr(client, f"revoke_security_group_{way}")
                revoke(GroupId=id, IpPermissions=group[held])
            if wanted:
                authorize = getattr(client, f"authorize_security_group_{way}")
                authorize(GroupId=id, IpPermissions=wanted)

    def details(self, thing: dict[str, Any], state: Properties) -> Properties:
        id = thing["GroupId"]
        found: Properties = {}
        for way, held in HELD.items():
            known = [_permission(rule, id) for rule in state.get(way, [])]
            if _flat(known) == _flat(thing[held]):
                found[way] = state.get(way, [])
            else:
                found[way] = [_rule(permission) for permission in thing[held]]
        return found


class SecurityGroupRule(AwsModel):
    """A rule that is a resource of its own."""

    service = "ec2"
    way: ClassVar[str]
    rules: ClassVar[Rules] = replaced_by(
        "securityGroupId", "ipProtocol", "fromPort", "toPort", *PEER
    )

    def create(self, name: str, inputs: Properties) -> Made:
        client = self.client(inputs)
        authorize = getattr(client, f"authorize_security_group_{self.way}")
        permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
        if inputs["ipProtocol"] != ALL:
            permission |= {"FromPort": inputs["fromPort"], "ToPort": inputs["toPort"]}
        for ours, (peers, field) in PEER.items():
            if ours in inputs:
                entry = {field: inputs[ours], **given(inputs, {"description": "Description"})}
                permission[peers] = [entry]
        made = authorize(GroupId=inputs["securityGroupId"], IpPermissions=[permission])
        id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return Made(id, self._outputs(id, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        of_group = [{"Name": "group-id", "Values": [state["securityGroupId"]]}]
        found = self.client(state).describe_security_group_rules(Filters=of_group)
        rules = {rule["SecurityGroupRuleId"] for rule in found["SecurityGroupRules"]}
        return state if id in rules else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        retag(self.client(inputs), id, state, inputs)
        return self._outputs(id, inputs)

    def delete(self, id: str, state: Properties) -> None:
        revoke = getattr(self.client(state), f"revoke_security_group_{self.way}")
        revoke(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[id])

    def _outputs(self, id: str, inputs: Properties) -> Properties:
        return {
            **inputs,
            "arn": self.arn(f"security-group-rule/{id}", inputs),
            "region": self.region(inputs),
            "securityGroupRuleId": id,
            "tagsAll": inputs.get("tagsAll") or inputs.get("tags", {}),
        }


class IngressRule(SecurityGroupRule):
    way = "ingress"


class EgressRule(SecurityGroupRule):
    way = "egress"


def _permission(rule: Properties, group: str) -> dict[str, Any]:
    """A rule as EC2 takes it."""
    protocol = rule["protocol"]
    ports = {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]} if protocol != ALL else {}
    peers = {
        theirs: [{field: peer} for peer in rule[ours]]
        for ours, (theirs, field) in PEERS.items()
        if rule.get(ours)
    }
    if rule.get("self"):
        peers.setdefault("UserIdGroupPairs", []).append({"GroupId": group})
    return {"IpProtocol": protocol, **ports, **peers}


def _rule(permission: dict[str, Any]) -> Properties:
    """The same the other way round."""
    peers = {
        ours: [peer[field] for peer in permission[theirs]]
        for ours, (theirs, field) in PEERS.items()
        if permission.get(theirs)
    }
    return {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        **peers,
    }


def _flat(permissions: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """What is let through, however EC2 has grouped it."""
    return {
        (one["IpProtocol"], one.get("FromPort", 0), one.get("ToPort", 0), peer[field])
        for one in permissions
        for peers, field in PEERS.values()
        for peer in one.get(peers, [])
    }
