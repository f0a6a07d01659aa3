"""Removes what runs that are dead have left in the zone and the project."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bakery.gcp import operations
from bakery.gcp.clients import Json, Refused, every, find
from bakery.gcp.images import Image, Images
from bakery.progress import Progress
from bakery.records.labels import from_description
from bakery.run_owner import busy, is_dead, run_owner
from images.errors import BakeryError, Damaged
from images.gcp import GcpZone
from images.labels import label
from images.naming import BAKES
from images.record import BakeRecord
from images.tags import BAKE, EXPIRES, RUN_OWNER

#: Packer labels machines but not their disks. Of those, names tell bake and driver; another
#: driver's is left for as long as any run can take.
_LONGEST_RUN = 24 * 60 * 60


@dataclass
class Leftovers:
    """What nobody is at work with any more."""

    instances: list[str] = field(default_factory=list[str])
    disks: list[str] = field(default_factory=list[str])
    images: list[Image] = field(default_factory=list[Image])

    def told(self) -> list[str]:
        """Each in words."""
        return [
            *(f"machine {name}" for name in self.instances),
            *(f"disk {name}" for name in self.disks),
            *(f"image {image.name}, which was never completed" for image in self.images),
        ]


def disk_name(run: str) -> str:
    """Return the name of a run's disk, which says whose it is: it has no labels while it is made.

    By a digest: Compute Engine takes 63 characters, and no underscore ("Naming resources").
    """
    return f"{run}-{_mark(run_owner())}"


def _mark(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def sweep(target: GcpZone, compute: Any, bake: str, stack: str, progress: Progress) -> None:
    """Removes machines, disks and half-made images of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Raises BakeryError when another machine is at work on this bake.
    """
    remove_all(target, compute, find_all(target, compute, bake, stack), progress)


def remove_all(target: GcpZone, compute: Any, dead: Leftovers, progress: Progress) -> None:
    """Removes what was found."""
    for name in dead.instances:
        progress.say(f"removing machine {name} that an earlier run left")
        _delete_instance(target, compute, name)
    for name in dead.disks:
        progress.say(f"removing disk {name} that an earlier run left")
        _delete_disk(target, compute, name)
    for image in dead.images:
        progress.say(f"removing image {image.name}, which was never completed")
        Images(target, compute).remove(image.name)


def runs_of(target: GcpZone, compute: Any, owner: str) -> set[str]:
    """Runs of which something is there that the owner drove."""
    where = {"project": target.project, "zone": target.zone}
    every_labels = [
        *(instance.get("labels", {}) for instance in every(compute.instances(), **where)),
        *(image.labels for image in Images(target, compute).all()),
    ]
    labelled = {labels.get(BAKE, "") for labels in every_labels if labels.get(RUN_OWNER) == owner}
    end = f"-{_mark(owner)}"
    names = [disk["name"] for disk in every(compute.disks(), **where)]
    return (labelled | {name.removesuffix(end) for name in names if name.endswith(end)}) - {""}


def find_all(target: GcpZone, compute: Any, bake: str, stack: str) -> Leftovers:
    """What dead runs of the bake have left, and any of the stack's whose time is over.

    With no bake, only the latter. Raises BakeryError when another machine is at work on it.
    """
    dead, stack = Leftovers(), label(stack)
    for instance in every(compute.instances(), project=target.project, zone=target.zone):
        name: str = instance["name"]
        labels: dict[str, str] = instance.get("labels", {})
        if is_dead(labels, bake, stack):
            dead.instances.append(name)
        elif labels.get(BAKE) == bake:
            raise busy(bake, name, labels)
    for disk in every(compute.disks(), project=target.project, zone=target.zone):
        users = {user.rpartition("/")[2] for user in disk.get("users", [])}
        if users <= set(dead.instances) and _is_dead_disk(disk, bake):
            dead.disks.append(disk["name"])
    for image in Images(target, compute).all():
        if EXPIRES in image.labels and not _complete(image):
            if is_dead(image.labels, bake, stack):
                dead.images.append(image)
            elif image.labels.get(BAKE) == bake:
                raise busy(bake, image.name, image.labels)
    return dead


def _is_dead_disk(disk: Json, bake: str) -> bool:
    name: str = disk["name"]
    if name == disk_name(bake):
        return True
    made = datetime.fromisoformat(disk["creationTimestamp"]).timestamp()
    return name.startswith(BAKES) and made + _LONGEST_RUN < time.time()


def _complete(image: Image) -> bool:
    try:
        return from_description(image.description, image.labels, BakeRecord) is not None
    except Damaged:
        # What is damaged is a person's to judge: looking for the content says so.
        return True


def _delete_instance(target: GcpZone, compute: Any, name: str) -> None:
    where = {"project": target.project, "zone": target.zone, "instance": name}
    operation = find(compute.instances().delete(**where))
    if operation:
        operations.of_zone(compute, target, operation)


def _delete_disk(target: GcpZone, compute: Any, name: str) -> None:
    where = {"project": target.project, "zone": target.zone, "disk": name}
    try:
        operation = find(compute.disks().delete(**where))
    except Refused as error:
        if error.status == 400:
            raise BakeryError(f"the disk {name} is in use: {error.message}") from None
        raise
    if operation:
        operations.of_zone(compute, target, operation)
