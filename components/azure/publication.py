"""What a managed image and a gallery image have in common: the name, and what goes by it."""

from dataclasses import dataclass

import pulumi

from components.command import Credentials
from components.content import Wanted
from components.orphans import orphan_hook
from images.azure import AzureTarget
from images.record import BakeRecord


@dataclass(frozen=True)
class PublicationArgs:
    """A name of the group `group`, made of a bake."""

    wanted: Wanted
    group: str
    location: str
    record: pulumi.Output[BakeRecord]
    tags: pulumi.Output[dict[str, str]]
    target: pulumi.Input[AzureTarget]
    credentials: Credentials | None

    @property
    def name(self) -> str:
        """The name under which the image is published."""
        return self.wanted.name

    def orphan_hook(self, place: pulumi.Input[str]) -> pulumi.ResourceHookBinding:
        """What a killed run left there under the name goes before it is made."""
        return orphan_hook(
            self.wanted,
            self.record.apply(lambda record: record.name),
            place,
            self.target,
            self.credentials,
        )
