"""Removes what runs that are dead have left in the zone and the project."""

# Of Google's clients only the messages have types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import compute_v1

from bakery.driver import busy, driver, is_dead
from bakery.errors import BakeryError
from bakery.gcp import clients, operations
from bakery.gcp.carried import from_description
from bakery.gcp.clients import RETRY
from bakery.gcp.images import Image, Images
from bakery.progress import Progress
from bakery.tagged import Damaged
from images.labels import label
from images.naming import BAKES
from images.record import BakeRecord
from images.tags import BAKE, EXPIRES
from images.targets import GcpTarget

#: Packer labels machines but not their disks. Of those, names tell bake and driver; another
#: driver's is left for as long as any run can take.
_LONGEST_RUN = 24 * 60 * 60


@dataclass
class _Dead:
    instances: list[str] = field(default_factory=list[str])
    disks: list[str] = field(default_factory=list[str])
    images: list[Image] = field(default_factory=list[Image])


def disk_name(run: str) -> str:
    """Of the machine of a run: says whose it is, since it has no labels while it is made."""
    return f"{run}-{driver()}"


def sweep(target: GcpTarget, bake: str, stack: str, progress: Progress) -> None:
    """Removes machines, disks and half-made images of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Raises BakeryError when another machine is at work on this bake.
    """
    images = Images(target)
    dead = _find(target, images, bake, label(stack))
    for name in dead.instances:
        progress.say(f"removing machine {name} that an earlier run left")
        _delete_instance(target, name)
    for name in dead.disks:
        progress.say(f"removing disk {name} that an earlier run left")
        _delete_disk(target, name)
    for image in dead.images:
        progress.say(f"removing image {image.name}, which was never completed")
        images.remove(image.name)


def _find(target: GcpTarget, images: Images, bake: str, stack: str) -> _Dead:
    dead = _Dead()
    instances = clients.instances(target)
    for instance in instances.list(project=target.project, zone=target.zone, retry=RETRY):
        labels = dict(instance.labels)
        if is_dead(labels, bake, stack):
            dead.instances.append(instance.name)
        elif labels.get(BAKE) == bake:
            raise busy(bake, instance.name, labels)
    disks = clients.disks(target)
    for disk in disks.list(project=target.project, zone=target.zone, retry=RETRY):
        users = {user.rpartition("/")[2] for user in disk.users}
        if users <= set(dead.instances) and _is_dead_disk(disk, bake):
            dead.disks.append(disk.name)
    for image in images.all():
        if EXPIRES in image.labels and not _complete(image):
            if is_dead(image.labels, bake, stack):
                dead.images.append(image)
            elif image.labels.get(BAKE) == bake:
                raise busy(bake, image.name, image.labels)
    return dead


def _is_dead_disk(disk: compute_v1.Disk, bake: str) -> bool:
    if disk.name == disk_name(bake):
        return True
    made = datetime.fromisoformat(disk.creation_timestamp).timestamp()
    return disk.name.startswith(BAKES) and made + _LONGEST_RUN < time.time()


def _complete(image: Image) -> bool:
    try:
        return from_description(image.description, image.labels, BakeRecord) is not None
    except Damaged:
        # What is damaged is a person's to judge: looking for the content says so.
        return True


def _delete_instance(target: GcpTarget, name: str) -> None:
    try:
        operation = clients.instances(target).delete_unary(
            project=target.project, zone=target.zone, instance=name, retry=RETRY
        )
    except NotFound:
        return
    operations.of_zone(target, operation)


def _delete_disk(target: GcpTarget, name: str) -> None:
    try:
        operation = clients.disks(target).delete_unary(
            project=target.project, zone=target.zone, disk=name, retry=RETRY
        )
    except NotFound:
        return
    except BadRequest as error:
        raise BakeryError(f"the disk {name} is in use: {error.message}") from None
    operations.of_zone(target, operation)
