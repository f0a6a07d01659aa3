"""What a managed image and a gallery image have in common: the name, and what goes by it."""

from dataclasses import dataclass

import pulumi

from components.clearance import cleared_first
from components.command import Credentials
from images.record import BakeRecord
from images.targets import AzureTarget


@dataclass(frozen=True)
class NameArgs:
    """A name of the group `group`, made of a bake. With `kept`, it cannot be destroyed."""

    name: str
    group: str
    location: str
    record: pulumi.Output[BakeRecord]
    tags: pulumi.Output[dict[str, str]]
    target: pulumi.Input[AzureTarget]
    credentials: Credentials | None
    kept: bool

    def cleared(self, place: pulumi.Input[str]) -> pulumi.ResourceHookBinding:
        """What a killed run left there under the name goes before it is made."""
        return cleared_first(
            self.name,
            self.record.apply(lambda record: record.name),
            self.kept,
            place,
            self.target,
            self.credentials,
        )
