"""Removes what runs that are dead have left: machines in one group, content in another."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import models

from bakery.azure import clients, listings
from bakery.azure.clients import absent_is_fine
from bakery.azure.images import Images, Snapshots
from bakery.azure.listings import CONNECTED, NETWORK_API, SNAPSHOT, Listed, listed
from bakery.progress import Progress
from bakery.run_owner import busy, is_dead, run_owner
from images.azure import AzureGroups
from images.naming import snapshot_name
from images.tags import BAKE, EXPIRES, RECORD, RUN_OWNER

#: How names begin of all that Packer makes for a run. It tags machines but not their disks, so
#: of these, the name tells bake and driver; another driver's is left for as long as any run takes.
_OURS = "dstk"
_LONGEST_RUN = 24 * 60 * 60


@dataclass
class Leftovers:
    """What nobody is at work with any more: names, for networks their ids too.

    `snapshots` has the bake of each, whose image would be of that name.
    """

    machines: list[str] = field(default_factory=list[str])
    connected: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    disks: set[str] = field(default_factory=set[str])
    images: list[str] = field(default_factory=list[str])
    snapshots: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, one: Listed) -> None:
        """Puts one where it belongs."""
        match one.kind:
            case listings.MACHINE:
                self.machines.append(one.name)
            case listings.IMAGE:
                self.images.append(one.name)
            case listings.SNAPSHOT:
                self.snapshots[one.name] = one.tags.get(BAKE, one.name)
            case _:
                self.connected.append((one.kind, one.id))

    def in_order(self) -> list[tuple[str, str]]:
        """Kinds and ids of what machines were connected with, in the order of their removal."""
        return sorted(self.connected, key=lambda one: CONNECTED.index(one[0]))

    def told(self) -> list[str]:
        """Each in words."""
        return [
            *(f"machine {name}" for name in self.machines),
            *(f"{_last(kind)} {_last(id)}" for kind, id in self.in_order()),
            *(f"disk {name}" for name in sorted(self.disks)),
            *(f"snapshot {name}, whose image was never completed" for name in self.snapshots),
            *(f"image {name}, which was never completed" for name in self.images),
        ]


def prefix(run: str) -> str:
    """Return how the names of a run's machine, disk and network begin: 10 characters at most."""
    return _OURS + hashlib.sha256(f"{run} {run_owner()}".encode()).hexdigest()[:6]


def sweep(target: AzureGroups, bake: str, stack: str, progress: Progress) -> None:
    """Removes machines, what they are connected with, disks and half-made content of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Raises BakeryError when another machine is at work on this bake.
    """
    remove_all(target, find_all(target, bake, stack), progress)


def remove_all(target: AzureGroups, dead: Leftovers, progress: Progress) -> None:
    """Removes what was found."""
    compute, resources = clients.compute(target), clients.resources(target)
    for name in dead.machines:
        progress.say(f"removing machine {name} that an earlier run left")
        with absent_is_fine():
            compute.virtual_machines.begin_delete(target.build_group, name).result()
    for kind, id in dead.in_order():
        progress.say(f"removing {_last(kind)} {_last(id)} that an earlier run left")
        with absent_is_fine():
            resources.resources.begin_delete_by_id(id, api_version=NETWORK_API).result()
    for name in sorted(dead.disks):
        progress.say(f"removing disk {name} that an earlier run left")
        with absent_is_fine():
            compute.disks.begin_delete(target.build_group, name).result()
    images, snapshots = Images(target, target.group), Snapshots(target, target.group)
    # First: without its snapshot, an image is known to be none; without an image, a snapshot would
    # be in Packer's way.
    for name, bake in dead.snapshots.items():
        if not _is_complete(images, bake):
            progress.say(f"removing snapshot {name}, whose image was never completed")
            snapshots.remove(name)
    for name in dead.images:
        if not _is_complete(images, name):
            progress.say(f"removing image {name}, which was never completed")
            images.remove(name)


def _is_complete(images: Images, bake: str) -> bool:
    """Whether it is content by now: a run may have ended well since its things were listed."""
    image = images.named(bake)
    return image is not None and _has_record(image.tags)


def _has_record(tags: dict[str, str]) -> bool:
    return f"{RECORD}-0" in tags


def runs_of(target: AzureGroups, owner: str) -> set[str]:
    """Runs of which something is there that the owner drove. Disks do not tell their run."""
    every = [one.tags for one in listed(target)]
    return {tags.get(BAKE, "") for tags in every if tags.get(RUN_OWNER) == owner} - {""}


def find_all(target: AzureGroups, bake: str, stack: str) -> Leftovers:
    """What dead runs of the bake have left, and any of the stack's whose time is over.

    With no bake, only the latter. Raises BakeryError when another machine is at work on it.
    """
    dead = Leftovers()
    every = list(listed(target))
    complete = {snapshot_name(one.name) for one in every if _has_record(one.tags)}
    for one in every:
        if _has_record(one.tags) or (one.kind == SNAPSHOT and one.name in complete):
            continue
        if EXPIRES not in one.tags:
            if one.kind == SNAPSHOT and one.name == snapshot_name(bake):
                # Of content that was complete, until somebody deleted its image.
                dead.snapshots[one.name] = bake
        elif is_dead(one.tags, bake, stack):
            dead.add(one)
        elif one.tags.get(BAKE) == bake:
            raise busy(bake, one.name, one.tags)
    for machine in dead.machines:
        dead.disks |= _disks_of(target, machine)
    dead.disks |= set(_loose_disks(target, bake))
    return dead


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _disks_of(target: AzureGroups, machine: str) -> set[str]:
    try:
        found = clients.compute(target).virtual_machines.get(target.build_group, machine)
    except ResourceNotFoundError:
        return set()
    disk = found.storage_profile and found.storage_profile.os_disk
    return {disk.name} if disk and disk.name else set()


def _loose_disks(target: AzureGroups, bake: str) -> Iterator[str]:
    for disk in clients.compute(target).disks.list_by_resource_group(target.build_group):
        if not disk.managed_by and _is_dead_disk(disk, bake):
            yield disk.name or ""


def _is_dead_disk(disk: models.Disk, bake: str) -> bool:
    name = disk.name or ""
    if name.startswith(f"{prefix(bake)}os"):
        return True
    made = disk.time_created.timestamp() if disk.time_created else time.time()
    return name.startswith(_OURS) and made + _LONGEST_RUN < time.time()
