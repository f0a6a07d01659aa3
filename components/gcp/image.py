"""An image of Google Cloud: a bake, given its name."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import compute

from components.bake import Bake, BakeArgs
from components.orphans import orphan_hook
from components.publication import Publication, check_published
from images import contract
from images.labels import labels
from images.record import BakeRecord, VerificationRecord
from images.tags import BAKE, DIGEST, RELEASE, STACK, VARIANT
from images.targets import GcpTarget

#: Whoever has a Google account may boot it.
_EVERYONE = "allAuthenticatedUsers"


@dataclass(frozen=True)
class GcpImageArgs:
    """One image of one release. With `protect`, nothing of it can be destroyed by accident.

    `replacement` is the name of the image to use instead, where the release retires.
    """

    bake: BakeArgs
    target: pulumi.Input[GcpTarget]
    name: str
    version: str
    prefix: str
    project: str
    family: str
    replacement: str | None
    storage_location: str
    public: bool
    protect: bool


class GcpImage(pulumi.ComponentResource):
    """Baked, verified, named, confirmed. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: GcpImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:GcpImage", name, None, opts)
        self._resource_name, self._args = name, args
        self._bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        named = self._named()
        shared = [self._share(named)] if args.public else []
        confirmation = check_published(
            name,
            Publication(
                name=args.name,
                bake=self._bake.record.apply(lambda record: record.name),
                ids={args.project: named.self_link},
                public=args.public,
                target=args.target,
                replacement=args.replacement,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[named, *shared]),
        )
        self.image = pulumi.Output.all(
            self._bake.record, self._bake.verification, named.self_link, confirmation
        ).apply(lambda found: self._describe(found[0], found[1], found[2], found[3].found))
        self.register_outputs({"name": args.name})

    def _child(self, **more: object) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=self._args.protect, **more)  # pyright: ignore[reportArgumentType]

    def _named(self) -> compute.Image:
        args, record = self._args, self._bake.record
        return compute.Image(
            f"{self._resource_name}-image",
            name=args.name,
            description=record.apply(lambda record: f"{args.name}: {_words(record)}"),
            family=args.family,
            source_image=record.apply(lambda record: record.image_id),
            guest_os_features=record.apply(_features),
            storage_locations=[args.storage_location],
            labels=record.apply(self._labels),
            opts=self._child(
                depends_on=[self._bake],
                # Written once: Google replaces an image to change it (google_compute_image).
                ignore_changes=["description"],
                hooks=orphan_hook(
                    args.name,
                    record.apply(lambda record: record.name),
                    args.protect,
                    args.project,
                    args.target,
                ),
            ),
        )

    def _share(self, named: compute.Image) -> compute.ImageIamMember:
        return compute.ImageIamMember(
            f"{self._resource_name}-public",
            image=named.name,
            role="roles/compute.imageUser",
            member=_EVERYONE,
            opts=self._child(),
        )

    def _labels(self, record: BakeRecord) -> dict[str, str]:
        return labels(
            {
                STACK: pulumi.get_stack(),
                RELEASE: self._args.version,
                VARIANT: record.variant,
                BAKE: record.name,
                DIGEST: record.digest,
            }
        )

    def _describe(
        self,
        record: BakeRecord,
        verification: VerificationRecord | None,
        self_link: str,
        found: dict[str, str],
    ) -> contract.Image:
        args = self._args
        return contract.Image(
            name=args.name,
            variant=record.variant,
            version=args.version,
            prefix=args.prefix,
            content=contract.content(record),
            verification=contract.verified(verification),
            place=contract.GcpPlace(
                project=args.project,
                self_link=self_link,
                id=found[args.project],
                family=args.family,
                member=_EVERYONE if args.public else None,
            ),
        )


def _features(record: BakeRecord) -> list[compute.ImageGuestOsFeatureArgs]:
    return [compute.ImageGuestOsFeatureArgs(type=feature) for feature in record.features]


def _words(record: BakeRecord) -> str:
    versions = record.versions
    parts = [versions.os, f"kernel {versions.kernel}", f"Docker {versions.docker}"]
    if versions.driver:
        parts.append(f"NVIDIA driver {versions.driver}")
    return ", ".join(parts)
