"""The stack's outputs: the contract whole, and the parts that people and scripts ask for."""

from typing import Any

import pulumi

from config.settings import Settings
from images.contract import Contract, Image, ServerEnv


def export(settings: Settings, images: list[pulumi.Output[Image]]) -> None:
    """Exports `contract`, `version`, `prefix`, `images` and `server_env`."""
    server_env = ServerEnv(
        DSTACK_VM_BASE_IMAGE_VERSION=settings.current,
        DSTACK_VM_BASE_IMAGE_PREFIX=settings.prefix,
    )

    def contract(published: list[Image]) -> dict[str, Any]:
        return Contract(
            stack=pulumi.get_stack(),
            version=settings.current,
            prefix=settings.prefix,
            images=published,
            server_env=server_env,
        ).model_dump(mode="json")

    def current(published: list[Image]) -> dict[str, Any]:
        ids: dict[str, Any] = {}
        for image in published:
            if image.version == settings.current:
                ids.setdefault(image.place.cloud, {})[image.variant] = image.place.ids()
        return ids

    published = pulumi.Output.all(*images).apply(list[Image])
    pulumi.export("contract", published.apply(contract))
    pulumi.export("version", settings.current)
    pulumi.export("prefix", settings.prefix)
    pulumi.export("images", published.apply(current))
    pulumi.export("server_env", server_env.model_dump())
