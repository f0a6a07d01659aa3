"""The stack's outputs: the contract whole, and the parts that people and scripts ask for."""

from typing import Any

import pulumi

from components.backends import Published
from components.own_outputs import own_outputs
from components.unreached import Unreached
from config.stack import Stack
from images.contract import Contract, Image, contract, release
from images.contract_reader import read_outputs
from images.staying import staying, today


def export(stack: Stack, published: Published) -> None:
    """Exports `contract`, `version`, `prefix`, `images` and `server_env`.

    `version`, `images` and `server_env` are of the current release: none while no live release is
    complete, and none of before stays (`images.staying`). Where clouds were not reached and what
    was said of them before cannot be read, nothing is exported: the program then ends with an
    error, and the engine keeps what there is.
    """
    unreached = published.unreached
    if unreached and not unreached.readable:
        return
    # Oracle reviews what is public, and nothing else.
    before = read_outputs(own_outputs(stack).get("contract")) if stack.public else None
    document = pulumi.Output.all(*published.images).apply(
        lambda images: _contract(stack, images, unreached, before)
    )
    pulumi.export("contract", document.apply(lambda found: found.model_dump(mode="json")))
    pulumi.export("version", document.apply(lambda found: found.current))
    pulumi.export(
        "prefix", document.apply(lambda found: found.prefix) if unreached else stack.prefix
    )
    pulumi.export("images", document.apply(_current))
    pulumi.export(
        "server_env",
        document.apply(lambda found: found.server_env and found.server_env.model_dump()),
    )


def _contract(
    stack: Stack, images: list[Image], unreached: Unreached | None, before: Contract | None
) -> Contract:
    releases = [
        release(
            version,
            stack.retiring.get(version),
            [image for image in images if image.version == version],
        )
        for version in stack.releases
    ]
    if unreached:
        return unreached.without(stack, releases)
    stays = before and staying(before, stack.prefix, releases, today())
    return contract(stack.name, stack.prefix, releases, stays=stays)


def _current(found: Contract) -> dict[str, Any]:
    """Cloud, variant, place: the ID there."""
    ids: dict[str, Any] = {}
    for each in found.releases:
        if each.version == found.current:
            for image in each.images:
                ids.setdefault(image.cloud, {})[image.variant] = image.found
    return ids
