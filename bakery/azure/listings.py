"""What is in the groups of a run, as the services themselves list it.

Resource Manager has a list of all that is in a group, out of a regional cache. It has missed images
and snapshots for 20 minutes, and shown what was gone (Azure/AKS#1964,
Azure/azure-sdk-for-net#22664, Azure/azure-sdk-for-python#22737, Azure/azure-rest-api-specs#21221).
What a service itself lists of a group is there at once (Azure/azure-rest-api-specs#28600).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from azure.core.rest import HttpRequest

from bakery.azure import clients
from bakery.azure.images import Images
from images.azure import AzureGroups

MACHINE = "Microsoft.Compute/virtualMachines"
IMAGE = "Microsoft.Compute/images"
SNAPSHOT = "Microsoft.Compute/snapshots"
#: What a machine is connected with, in the order in which Azure lets it go.
CONNECTED = (
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/networkSecurityGroups",
)
NETWORK_API = "2024-05-01"


@dataclass(frozen=True)
class Listed:
    """One resource: its type, and what it is called."""

    kind: str
    name: str
    id: str
    tags: dict[str, str]


def listed(target: AzureGroups) -> Iterator[Listed]:
    """Machines and what they are connected with, images, snapshots. Disks have no tags."""
    compute, groups = clients.compute(target), clients.resources(target).resource_groups
    for group in (target.build_group, target.group):
        # Refused to whoever may not look, who would be given empty lists of it.
        groups.get(group)
    for machine in compute.virtual_machines.list(target.build_group):
        yield Listed(MACHINE, machine.name or "", machine.id or "", dict(machine.tags or {}))
    for kind in CONNECTED:
        yield from _connected(target, kind)
    for image in Images(target, target.group).all():
        yield Listed(IMAGE, image.name, image.id, image.tags)
    for snapshot in compute.snapshots.list_by_resource_group(target.group):
        yield Listed(SNAPSHOT, snapshot.name or "", snapshot.id or "", dict(snapshot.tags or {}))


def _connected(target: AzureGroups, kind: str) -> Iterator[Listed]:
    """Four lists, for which the library of Microsoft.Network, one of the largest, is not needed."""
    client = clients.resources(target)
    group = f"/subscriptions/{target.subscription}/resourceGroups/{target.build_group}"
    page = f"{group}/providers/{kind}?api-version={NETWORK_API}"
    while page:
        answer = client.send_request(HttpRequest("GET", page))
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        for one in found["value"]:
            yield Listed(kind, one["name"], one["id"], dict(one.get("tags") or {}))
        page = found.get("nextLink") or ""
