"""What knows a cloud's resources. Loaded one by one: packages of all clouds would take seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pulumi

from components.unreached import Unreached
from config.settings import Settings
from config.stack import Stack
from images.catalog import Cloud
from images.contract import Image
from images.errors import NotReached, UserError

#: Registers what the stack has in a cloud; returns what it publishes there.
_Register = Callable[[], list[pulumi.Output[Image]]]


@dataclass(frozen=True)
class Published:
    """Images of all clouds, and which clouds were not reached, if any."""

    images: list[pulumi.Output[Image]]
    unreached: Unreached | None


def publish(stack: Stack, settings: Settings) -> Published:
    """Registers everything that the stack's clouds need, in those that are reached.

    All are asked before anything is registered. Raises UserError with all that is wrong where
    something is to be put right in the stack's file or on this machine, and where no cloud is
    reached.
    """
    registers: dict[Cloud, _Register] = {}
    unreached: dict[Cloud, NotReached] = {}
    mistakes: list[UserError] = []
    for cloud in settings.clouds.selected():
        try:
            registers[cloud] = _reach(cloud)(stack, settings)
        except NotReached as error:
            unreached[cloud] = error
        except UserError as error:
            mistakes.append(error)
    if mistakes or not registers:
        raise UserError("\n".join(map(str, [*mistakes, *unreached.values()])))
    others = Unreached.of(stack, unreached) if unreached else None
    if others:
        others.tell()
        registers |= {cloud: partial(others.images, stack, settings, cloud) for cloud in unreached}
    images = [image for cloud in settings.clouds.selected() for image in registers[cloud]()]
    return Published(images, others)


def _reach(cloud: Cloud) -> Callable[[Stack, Settings], _Register]:
    match cloud:
        case "local":
            from components.local.cloud import reach
        case "aws":
            from components.aws.cloud import reach
        case "azure":
            from components.azure.cloud import reach
        case "gcp":
            from components.gcp.cloud import reach
        case "oci":
            from components.oci.cloud import reach
    return reach
