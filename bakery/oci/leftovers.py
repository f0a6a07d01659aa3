"""Removes what runs that are dead have left in the home region."""

from __future__ import annotations

from typing import Any

from bakery.oci.clients import Access, compute, every, find
from bakery.oci.images import Images
from bakery.oci.waiting import wait_while
from bakery.progress import Progress
from bakery.run_owner import busy, is_dead
from images.tags import BAKE, EXPIRES, RECORD
from images.targets import OciTarget

#: Seconds: deleting a machine takes a minute or two.
_PATIENCE = 900.0
#: Those stay listed for half a day and more.
_ENDED = ("TERMINATED", "TERMINATING")


def sweep(
    access: Access, target: OciTarget, images: Images, bake: str, stack: str, progress: Progress
) -> None:
    """Removes machines with their disks, and half-made images, of dead runs.

    Those of this bake, whose lock is held, and those of any of the stack's bakes whose time is
    over. Packer that is stopped while it makes an image leaves it, so that images are looked for
    even where no machine is. Raises BakeryError when another machine is at work on this bake.
    """
    client = compute(access, target.region)
    dead: list[Any] = []
    for machine in every(client.list_instances, target.compartment):
        tags: dict[str, str] = dict(machine.freeform_tags or {})
        if machine.lifecycle_state in _ENDED:
            continue
        if is_dead(tags, bake, stack):
            dead.append(machine)
        elif tags.get(BAKE) == bake:
            raise busy(bake, machine.display_name, tags)
    half_made = [one for one in images.all() if EXPIRES in one.tags and RECORD not in one.tags]
    for image in half_made:
        if image.tags.get(BAKE) == bake and not is_dead(image.tags, bake, stack):
            raise busy(bake, image.name, image.tags)
    for machine in dead:
        progress.say(f"removing machine {machine.display_name} that an earlier run left")
        find(client.terminate_instance, machine.id)
    for machine in dead:
        _await_end(client, machine.id)
    for image in half_made:
        if is_dead(image.tags, bake, stack):
            progress.say(f"removing image {image.name}, which was never completed")
            images.remove(image.id)


def _await_end(client: Any, id: str) -> None:
    def goes_on() -> bool:
        found = find(client.get_instance, id)
        return found is not None and found.data.lifecycle_state != "TERMINATED"

    wait_while(goes_on, _PATIENCE, f"the removal of the machine {id}")
