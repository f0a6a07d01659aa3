"""This machine as a cloud: what set-up found, and the images that are to be."""

from collections.abc import Callable, Sequence
from functools import partial

import pulumi

from components.bake import BakeArgs
from components.content import PROJECT, Wanted, wanted_images
from components.local.image import LocalImage, LocalImageArgs
from config.local import AUTO, Local
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.errors import UserError
from images.host import Host, home, read
from images.local import LocalTarget


def reach(stack: Stack, settings: Settings) -> Callable[[], list[pulumi.Output[contract.Image]]]:
    """Reads what set-up found; what is returned registers the stack's part of this machine.

    Raises UserError where it is not set up.
    """
    chosen = settings.clouds.local
    assert chosen is not None
    machine = read(home())
    target = _target(chosen, machine)
    prepull = _prepull(settings.prepull, machine)
    wanted = wanted_images(
        PROJECT, stack, settings, chosen, source=lambda _: machine.source.name, prepull=prepull
    )
    return partial(_images, chosen, target, wanted)


def _images(
    chosen: Local, target: LocalTarget, wanted: Sequence[Wanted]
) -> list[pulumi.Output[contract.Image]]:
    """Every variant of every release on this machine."""
    return [
        LocalImage(
            each.resource_name,
            LocalImageArgs(
                bake=BakeArgs(each, target),
                place=chosen.place,
            ),
        ).image
        for each in wanted
    ]


def _target(chosen: Local, machine: Host) -> LocalTarget:
    if chosen.source != AUTO and not machine.source.name.startswith(chosen.source):
        raise UserError(
            f"dstack-images:clouds.local.source is {chosen.source}, but this machine was set up "
            f"with {machine.source.name}; run `make setup SOURCE={chosen.source}`"
        )
    return LocalTarget(
        source_file=machine.source.file,
        source_sha256=machine.source.sha256,
        firmware=machine.firmware,
        accelerator=machine.accelerator,
        cpus=chosen.cpus,
        memory_mb=chosen.memory_mb,
        demo_registry=machine.prepull and machine.prepull.registry,
    )


def _prepull(wanted: list[str], machine: Host) -> list[str]:
    """The configured list, or the demonstration images where no public registry answers."""
    if machine.prepull is None or not wanted:
        return wanted
    pulumi.log.warn(
        f"no public Docker registry answers from this machine: instead of {', '.join(wanted)} "
        f"the image gets the demonstration {', '.join(machine.prepull.images)}"
    )
    return machine.prepull.images
