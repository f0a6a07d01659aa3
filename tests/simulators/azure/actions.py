"""What a call of Resource Manager takes: the action of its method and path, and of what it names.

Sources: "Azure permissions for Compute", "... for Networking", "... for Management and governance",
which name actions by type and verb; for what a body refers to, the error LinkedAuthorizationFailed
("Troubleshoot Azure RBAC") and the actions' descriptions there (`join/action`: "Not Alertable", to
be had on the other resource; `beginGetAccess/action` on the disk that is copied; `read` on the
source of a gallery image version, "Store and share images in an Azure Compute Gallery").

Lists of a type take none: they are answered with what may be read of it, however little that is
(Azure/azure-sdk-for-go#14110: an empty list of a group's machines; gravitational/teleport#66631: of
a subscription's).
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.simulators.azure.resources import Id, group_id
from tests.simulators.azure.roles import Roles
from tests.simulators.azure.shapes import SUBSCRIPTION, Json, Request

_OWN = f"/subscriptions/{SUBSCRIPTION}"
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_DEPLOYMENTS = "Microsoft.Resources/deployments"
_AUTHORIZATION = re.compile(
    r"(?P<scope>.+?)/providers/(?P<type>Microsoft\.Authorization/\w+)/[^/]+", re.IGNORECASE
)
_AT_LOCATION = re.compile(
    rf"{_OWN}/providers/(?P<namespace>[^/]+)/(?P<rest>locations/.+)", re.IGNORECASE
)
_EVERYWHERE = re.compile(rf"{_OWN}/providers/[^/]+/[^/]+", re.IGNORECASE)
_OPERATION_RESULTS = re.compile(rf"{_OWN}/operationresults/[^/]+", re.IGNORECASE)
_GROUP = re.compile(rf"{_OWN}/resourceGroups/(?P<group>[^/]+)(?P<list>/resources)?", re.IGNORECASE)
_LISTED = re.compile(
    rf"{_OWN}/resourceGroups/(?P<group>[^/]+)/deployments/[^/]+/operations", re.IGNORECASE
)
_COMPUTE, _NETWORK = "Microsoft.Compute", "Microsoft.Network"
#: Type, and of what its properties refer to by id at a path: what that takes.
_LINKED: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    f"{_COMPUTE}/snapshots": [
        ("creationData.sourceResourceId", (f"{_COMPUTE}/disks/beginGetAccess/action",))
    ],
    f"{_COMPUTE}/images": [
        (
            "storageProfile.osDisk.snapshot.id",
            (f"{_COMPUTE}/snapshots/read", f"{_COMPUTE}/snapshots/beginGetAccess/action"),
        ),
        ("storageProfile.osDisk.managedDisk.id", (f"{_COMPUTE}/disks/beginGetAccess/action",)),
        ("sourceVirtualMachine.id", (f"{_COMPUTE}/virtualMachines/read",)),
    ],
    f"{_COMPUTE}/virtualMachines": [
        ("storageProfile.imageReference.id", (f"{_COMPUTE}/images/read",)),
        ("networkProfile.networkInterfaces.id", (f"{_NETWORK}/networkInterfaces/join/action",)),
    ],
    f"{_COMPUTE}/galleries/images/versions": [
        ("storageProfile.source.id", (f"{_COMPUTE}/images/read",))
    ],
    f"{_NETWORK}/networkInterfaces": [
        (
            "ipConfigurations.properties.subnet.id",
            (f"{_NETWORK}/virtualNetworks/subnets/join/action",),
        ),
        (
            "ipConfigurations.properties.publicIPAddress.id",
            (f"{_NETWORK}/publicIPAddresses/join/action",),
        ),
        ("networkSecurityGroup.id", (f"{_NETWORK}/networkSecurityGroups/join/action",)),
    ],
    f"{_NETWORK}/virtualNetworks": [
        (
            "subnets.properties.networkSecurityGroup.id",
            (f"{_NETWORK}/networkSecurityGroups/join/action",),
        ),
    ],
}


def authorize(roles: Roles, who: str, request: Request) -> None:
    """Refuse what no role of that object id allows."""
    if found := _needed(request):
        roles.check(who, *found)
    id = Id.parse(request.path)
    if id and request.method in ("PUT", "PATCH"):
        _authorize_linked(roles, who, id, request.json())


def authorize_made(roles: Roles, who: str, id: Id, body: Json) -> None:
    """What a deployment makes, it makes as whoever deploys."""
    roles.check(who, f"{id.type}/write", str(id))
    _authorize_linked(roles, who, id, body)


def _authorize_linked(roles: Roles, who: str, id: Id, body: Json) -> None:
    for action, scope in _linked(id, body):
        roles.check(who, action, scope, linked=True)


def _needed(request: Request) -> tuple[str, str] | None:
    """Action and scope of the call itself; None for a path that nothing is known of."""
    verb = _VERBS.get(request.method, "")
    if found := _AUTHORIZATION.fullmatch(request.path):
        return f"{found['type']}/{verb}", found["scope"]
    if found := _AT_LOCATION.fullmatch(request.path):
        names = found["rest"].split("/")[::2]
        return "/".join((found["namespace"], *names, verb)), _OWN
    if _EVERYWHERE.fullmatch(request.path):
        return None
    if _OPERATION_RESULTS.fullmatch(request.path):
        return f"Microsoft.Resources/subscriptions/operationresults/{verb}", _OWN
    if found := _LISTED.fullmatch(request.path):
        return f"{_DEPLOYMENTS}/operations/{verb}", group_id(found["group"])
    if found := _GROUP.fullmatch(request.path):
        what = f"{_GROUPS}/resources" if found["list"] else _GROUPS
        return f"{what}/{verb}", group_id(found["group"])
    if id := Id.parse(request.path):
        if request.method == "POST":
            up = Id(id.group, id.namespace, id.rest[:-1])
            return f"{up.type}/{id.name}/action", str(up)
        return None if len(id.rest) % 2 else (f"{id.type}/{verb}", str(id))
    return None


def _linked(id: Id, body: Json) -> Iterator[tuple[str, str]]:
    """Actions and scopes of what the body of a resource refers to."""
    if id.type == f"{_COMPUTE}/virtualMachines":
        # Its disk is made with it.
        yield f"{_COMPUTE}/disks/write", group_id(id.group)
    for path, actions in _LINKED.get(id.type, []):
        for other in _at(body.get("properties", {}), path.split(".")):
            # What the marketplace has is everybody's.
            if "/resourcegroups/" in other.lower():
                yield from ((action, other) for action in actions)


def _at(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _at(one, path)
    elif not path and isinstance(value, str):
        yield value
    elif path and isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
