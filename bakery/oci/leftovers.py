"""Removes what runs that are dead have left in the home region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bakery.oci.clients import Access, compute, every, find, library
from bakery.oci.images import Image, Images
from bakery.oci.waiting import wait_while
from bakery.progress import Progress
from bakery.run_owner import busy, is_dead
from images.oci import OciCompartment
from images.tags import BAKE, EXPIRES, RECORD, RUN_OWNER

#: Seconds: deleting a machine takes a minute or two.
_PATIENCE = 900.0
#: Those stay listed for half a day and more.
_ENDED = ("TERMINATED", "TERMINATING")


@dataclass
class Leftovers:
    """What nobody is at work with any more: id and name of each."""

    machines: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    images: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def told(self) -> list[str]:
        """Each in words."""
        return [
            *(f"machine {name}" for _, name in self.machines),
            *(f"image {name}, which was never completed" for _, name in self.images),
        ]


def sweep(
    access: Access,
    target: OciCompartment,
    images: Images,
    bake: str,
    stack: str,
    progress: Progress,
) -> None:
    """Removes machines with their disks, and half-made images, of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Raises BakeryError when another machine is at work on this bake.
    """
    dead = find_all(access, target, images, bake, stack)
    remove_all(access, target, images, dead, progress)


def find_all(
    access: Access, target: OciCompartment, images: Images, bake: str, stack: str
) -> Leftovers:
    """What dead runs of the bake have left, and any of the stack's whose time is over.

    Packer that is stopped while it makes an image leaves it, so images are looked for even
    where no machine is. Raises BakeryError when another machine is at work on it.
    """
    dead = Leftovers()
    for machine in _machines(access, target):
        tags = _tags(machine)
        if is_dead(tags, bake, stack):
            dead.machines.append((machine.id, machine.display_name))
        elif tags.get(BAKE) == bake:
            raise busy(bake, machine.display_name, tags)
    for image in _half_made(images):
        if is_dead(image.tags, bake, stack):
            dead.images.append((image.id, image.name))
        elif image.tags.get(BAKE) == bake:
            raise busy(bake, image.name, image.tags)
    return dead


def remove_all(
    access: Access, target: OciCompartment, images: Images, dead: Leftovers, progress: Progress
) -> None:
    """Removes what was found."""
    client = compute(access, target.region)
    for id, name in dead.machines:
        progress.say(f"removing machine {name} that an earlier run left")
        wait_while(lambda id=id: _is_held(client, id), _PATIENCE, f"the image of {name}")
    for id, _ in dead.machines:
        _await_end(client, id)
    for id, name in dead.images:
        progress.say(f"removing image {name}, which was never completed")
        images.remove(id)


def runs_of(access: Access, target: OciCompartment, images: Images, owner: str) -> set[str]:
    """Runs of which something is there that the owner drove."""
    every_tags = [
        *(_tags(machine) for machine in _machines(access, target)),
        *(image.tags for image in images.all()),
    ]
    return {tags[BAKE] for tags in every_tags if tags.get(RUN_OWNER) == owner and BAKE in tags}


def _machines(access: Access, target: OciCompartment) -> list[Any]:
    client = compute(access, target.region)
    found = every(client.list_instances, target.compartment)
    return [machine for machine in found if machine.lifecycle_state not in _ENDED]


def _tags(machine: Any) -> dict[str, str]:
    return dict(machine.freeform_tags or {})


def _half_made(images: Images) -> list[Image]:
    return [one for one in images.all() if EXPIRES in one.tags and RECORD not in one.tags]


def _is_held(client: Any, id: str) -> bool:
    """Whether Oracle does not let it go yet: of a run that was stopped, an image is still made."""
    try:
        find(client.terminate_instance, id)
    except library.exceptions.ServiceError as error:
        if error.status != 409:
            raise
        return True
    return False


def _await_end(client: Any, id: str) -> None:
    def goes_on() -> bool:
        found = find(client.get_instance, id)
        return found is not None and found.data.lifecycle_state != "TERMINATED"

    wait_while(goes_on, _PATIENCE, f"the removal of the machine {id}")
