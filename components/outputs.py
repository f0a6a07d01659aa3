"""The stack's outputs: the contract whole, and the parts that people and scripts ask for."""

from typing import Any

import pulumi

from config.stack import Stack
from images.contract import Contract, Image, contract, release


def export(stack: Stack, images: list[pulumi.Output[Image]]) -> None:
    """Exports `contract`, `version`, `prefix`, `images` and `server_env`.

    `version`, `images` and `server_env` are of the current release: none while no live release is
    complete.
    """
    document = pulumi.Output.all(*images).apply(lambda images: _contract(stack, images))
    pulumi.export("contract", document.apply(lambda found: found.model_dump(mode="json")))
    pulumi.export("version", document.apply(lambda found: found.current))
    pulumi.export("prefix", stack.prefix)
    pulumi.export("images", document.apply(_current))
    pulumi.export(
        "server_env",
        document.apply(lambda found: found.server_env and found.server_env.model_dump()),
    )


def _contract(stack: Stack, images: list[Image]) -> Contract:
    return contract(
        stack.name,
        stack.prefix,
        [
            release(
                version,
                stack.retiring.get(version),
                [image for image in images if image.version == version],
            )
            for version in stack.releases
        ],
    )


def _current(found: Contract) -> dict[str, Any]:
    """Cloud, variant, place: the ID there."""
    ids: dict[str, Any] = {}
    for each in found.releases:
        if each.version == found.current:
            for image in each.images:
                ids.setdefault(image.cloud, {})[image.variant] = image.found
    return ids
