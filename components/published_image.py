"""What the published images of all clouds have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.output import UNKNOWN, Unknown

from components.bake import BakeArgs
from components.content import Wanted
from images import contract
from images.clouds import Place
from images.oci import OciPlace
from images.record import BakeRecord, VerificationRecord
from images.tags import BAKE, DIGEST, RELEASE, STACK, VARIANT


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """One image of one release."""

    bake: BakeArgs

    @property
    def wanted(self) -> Wanted:
        """What it is to be."""
        return self.bake.wanted

    @property
    def name(self) -> str:
        """The name under which the image is published."""
        return self.wanted.name


@dataclass(frozen=True)
class Steps:
    """How far an image has come: what is known of it is done.

    `ids` has every place where it is to be; `place` is known when all of it was looked up.
    """

    wanted: Wanted
    record: pulumi.Output[BakeRecord]
    verification: pulumi.Output[VerificationRecord | None]
    ids: Mapping[str, pulumi.Output[str]]
    place: pulumi.Output[Place]

    @property
    def image(self) -> pulumi.Output[contract.Image]:
        """The image's part of the contract, which says what is missing where something failed.

        What depends on something that failed is never known when `pulumi up --continue-on-error`
        goes on without it. In a preview nothing is known, and there is no contract.
        """
        ids = pulumi.Output.all(**self.ids)
        found = pulumi.Output.all(self.record, self.verification, ids, self.place)
        return found.apply(self._describe, run_with_unknowns=not pulumi.runtime.is_dry_run())

    def _describe(self, found: Any) -> contract.Image:
        nothing: list[Any] = [UNKNOWN] * 4
        record, verification, ids, place = nothing if isinstance(found, Unknown) else found
        there: dict[str, Any] = {} if isinstance(ids, Unknown) else ids
        known = {where: id for where, id in there.items() if not isinstance(id, Unknown)}
        return contract.Image(
            name=self.wanted.name,
            cloud=self.wanted.key.cloud,
            variant=self.wanted.key.variant,
            arch=self.wanted.key.arch,
            version=self.wanted.release,
            prefix=self.wanted.stack.prefix,
            content=None if isinstance(record, Unknown) else contract.content(record),
            verification=(
                None if isinstance(verification, Unknown) else contract.verified(verification)
            ),
            place=None if isinstance(place, Unknown) else place,
            found=known,
            missing=[
                contract.Missing(place=where, reason=reason)
                for where in self.ids
                if (reason := _lacking(record, verification, where, where in known, place))
            ],
        )


def _lacking(record: Any, verification: Any, where: str, is_there: bool, place: Any) -> str | None:
    """Return the first step that was not done; the log of the update says why."""
    if isinstance(record, Unknown):
        return "it was not baked"
    if isinstance(verification, Unknown):
        return "what was baked did not pass its verification"
    if not is_there:
        return "it was not published there"
    if isinstance(place, Unknown):
        return "it was published, but not found as servers look for it"
    if isinstance(place, OciPlace):
        return place.waiting().get(where)
    return None


def tags(wanted: Wanted, record: BakeRecord) -> dict[str, str]:
    """Return what everything that is published of an image is tagged with."""
    return {
        STACK: wanted.stack.name,
        RELEASE: wanted.release,
        VARIANT: record.variant,
        BAKE: record.name,
        DIGEST: record.digest,
    }


def description(wanted: Wanted, record: BakeRecord) -> str:
    """Return what is in it, for people who look at it in a cloud's console."""
    versions = record.versions
    words = [versions.os, f"kernel {versions.kernel}", f"Docker {versions.docker}"]
    if versions.driver:
        words.append(f"NVIDIA driver {versions.driver}")
    return f"{wanted.name}: {', '.join(words)}"


def protected_child(
    of: pulumi.Resource, wanted: Wanted, opts: pulumi.ResourceOptions | None = None
) -> pulumi.ResourceOptions:
    """Return the options of a part of a published image."""
    own = pulumi.ResourceOptions(parent=of, protect=wanted.protect)
    return pulumi.ResourceOptions.merge(own, opts)
