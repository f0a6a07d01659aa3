"""Clouds that were not reached when the program began: nothing of them is changed, and the contract
says of them what it said before.

The program ends with an error when all else is registered. It waits for what it has registered
before (Pulumi's Python SDK, runtime/stack.py, `run_pulumi_func`), so this is made and kept.
The engine then deletes nothing, in no cloud (deployment_executor.go: deletes come after the
program's good end), and keeps what the program does not export of the stack's outputs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import pulumi

from components.content import Wanted, regional_images
from components.own_outputs import own_outputs
from config.cloud import RegionalSettings
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.catalog import Cloud
from images.contract_reader import read_outputs
from images.errors import NotReached
from images.staying import staying, today


@dataclass(frozen=True)
class Unreached:
    """Clouds that were not reached, at least one, with the reasons; and the previous contract.

    `readable`: whether there was none, or one of this version of the program.
    """

    reasons: Mapping[Cloud, NotReached]
    before: contract.Contract | None
    readable: bool

    @classmethod
    def of(cls, stack: Stack, reasons: Mapping[Cloud, NotReached]) -> Self:
        """These clouds, and what the stack's outputs say."""
        found = own_outputs(stack).get("contract")
        before = read_outputs(found)
        return cls(reasons, before, readable=found is None or before is not None)

    @property
    def clouds(self) -> str:
        """Which ones, in words."""
        return ", ".join(self.reasons)

    def tell(self) -> None:
        """Says at once what is wrong: the others may take hours."""
        pulumi.log.error(
            "\n".join(
                [
                    f"not reached: {self.clouds}. Nothing there is changed; the rest of the stack "
                    "goes on. The reasons:",
                    *map(str, self.reasons.values()),
                ]
            )
        )

    def end(self) -> NotReached:
        """Return what the program ends with."""
        if pulumi.runtime.is_dry_run():
            return NotReached(
                f"not reached: {self.clouds}, which this preview says nothing of. `pulumi up` ends "
                "after such a preview; `pulumi up --skip-preview` makes what the others lack"
            )
        return NotReached(
            f"not reached: {self.clouds}, as said above. Run again when that has changed: what is "
            "missing is made then, and what is no longer wanted goes, in the other clouds too"
        )

    def images(
        self, stack: Stack, settings: Settings, cloud: Cloud
    ) -> list[pulumi.Output[contract.Image]]:
        """What the contract is to say of the images of such a cloud: that which it said before, and
        what is missing.
        """
        chosen = settings.clouds.selected()[cloud]
        assert isinstance(chosen, RegionalSettings)
        places = chosen.published_in(public=stack.public)
        return [
            pulumi.Output.from_input(_image(each, places, self._before(each)))
            for each in regional_images(stack, settings, chosen)
        ]

    def without(self, stack: Stack, releases: list[contract.Release]) -> contract.Contract:
        """Return the contract of what is there. What servers are told never becomes less by it.

        The previous release stays current as long as nothing is missing but what these clouds were
        to get. Where servers would be told of none, as while the prefix changes, the previous
        contract stays.
        """
        before = self.before
        if before is None:
            return contract.contract(stack.name, stack.prefix, releases)
        stays = staying(before, stack.prefix, releases, today(), self.reasons)
        now = contract.contract(stack.name, stack.prefix, releases, stays=stays)
        return before if before.current and not now.current else now

    def _before(self, wanted: Wanted) -> contract.Image | None:
        found = [
            image
            for release in (self.before.releases if self.before else ())
            for image in release.images
            if (image.key, image.version, image.name) == (wanted.key, wanted.release, wanted.name)
        ]
        return found[0] if found else None


def _image(wanted: Wanted, places: Iterable[str], before: contract.Image | None) -> contract.Image:
    lacking = {one.place: one.reason for one in before.missing} if before else {}
    found = before.found if before else {}
    behind = _behind(wanted, before)

    def missing(place: str) -> str | None:
        """Return why, of one place."""
        why = f"{wanted.key.cloud} was not reached"
        if place not in found:
            return why
        return f"{why}; what is there is {behind}" if behind else lacking.get(place)

    return contract.Image(
        name=wanted.name,
        cloud=wanted.key.cloud,
        variant=wanted.key.variant,
        arch=wanted.key.arch,
        version=wanted.release,
        prefix=wanted.stack.prefix,
        content=before and before.content,
        verification=before and before.verification,
        place=before and before.place,
        found=found,
        missing=[
            contract.Missing(place=place, reason=why) for place in places if (why := missing(place))
        ],
    )


def _behind(wanted: Wanted, before: contract.Image | None) -> str | None:
    """Return the bake that is there instead of the wanted one, which an immutable stack keeps."""
    there = before and before.content
    if there is None or wanted.stack.immutable or there.digest == wanted.content.digest:
        return None
    return there.bake
