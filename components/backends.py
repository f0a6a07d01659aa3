"""What knows a cloud's resources. Loaded one by one: packages of all clouds would take seconds."""

from collections.abc import Callable

import pulumi

from config.settings import Settings
from config.stack import Stack
from images.catalog import Cloud
from images.contract import Image


def images_of(stack: Stack, settings: Settings) -> list[pulumi.Output[Image]]:
    """Registers everything that the stack's clouds need; returns what they publish."""
    return [
        image for cloud in settings.clouds.selected() for image in _images(cloud)(stack, settings)
    ]


def _images(cloud: Cloud) -> Callable[[Stack, Settings], list[pulumi.Output[Image]]]:
    match cloud:
        case "local":
            from components.local.cloud import images
        case "aws":
            from components.aws.cloud import images
        case "azure":
            from components.azure.cloud import images
        case "gcp":
            from components.gcp.cloud import images
        case "oci":
            from components.oci.cloud import images
    return images
