"""An image of Google Cloud: a bake, given its name."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import compute

from components.bake import Bake
from components.failures import required
from components.orphans import orphan_hook
from components.publication import Publication, check_published
from components.published_image import ImageArgs, Steps, description, protected_child, tags
from images import contract
from images.gcp import GcpPlace, GcpTarget
from images.labels import labels
from images.record import BakeRecord

#: Whoever has a Google account may boot it.
_EVERYONE = "allAuthenticatedUsers"


@dataclass(frozen=True, kw_only=True)
class GcpImageArgs(ImageArgs):
    """What an image has on Google Cloud.

    `replacement` is the image to use instead, where the release retires.
    """

    target: pulumi.Input[GcpTarget]
    project: str
    family: str
    replacement: "GcpImage | None"
    storage_location: str


class GcpImage(pulumi.ComponentResource):
    """Baked, verified, named, confirmed. `image` is its part of the contract.

    `published` is its name, known once it has been looked up: whoever waits for it finds the image.
    """

    image: pulumi.Output[contract.Image]
    published: pulumi.Output[str]

    def __init__(
        self, name: str, args: GcpImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:GcpImage", name, None, opts)
        self._resource_name, self._args = name, args
        self._bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        named = self._named()
        shared = [self._share(named)] if args.wanted.stack.public else []
        confirmation = check_published(
            name,
            Publication(
                wanted=args.wanted,
                bake=self._bake.record.apply(lambda record: record.name),
                ids={args.project: named.self_link},
                target=args.target,
                replacement=args.replacement and args.replacement.published,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[named, *shared]),
        )
        self.published = confirmation.apply(lambda found: found.name)
        self.image = Steps(
            wanted=args.wanted,
            record=self._bake.record,
            verification=self._bake.verification,
            ids={args.project: named.self_link},
            place=pulumi.Output.all(named.self_link, confirmation).apply(
                lambda found: self._place(found[0], found[1].found)
            ),
        ).image
        self.register_outputs({"name": args.name})

    def _child(self, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        return protected_child(self, self._args.wanted, opts)

    def _named(self) -> compute.Image:
        args, record = self._args, self._bake.record
        return compute.Image(
            f"{self._resource_name}-image",
            name=args.name,
            description=record.apply(lambda record: description(args.wanted, record)),
            family=args.family,
            source_image=record.apply(lambda record: record.image_id),
            guest_os_features=record.apply(_features),
            storage_locations=[args.storage_location],
            labels=record.apply(lambda record: labels(tags(args.wanted, record))),
            opts=self._child(
                pulumi.ResourceOptions(
                    depends_on=[self._bake],
                    # Written once: Google replaces an image to change it (google_compute_image).
                    ignore_changes=["description"],
                    hooks=orphan_hook(
                        args.wanted,
                        record.apply(lambda record: record.name),
                        args.project,
                        args.target,
                    ),
                )
            ),
        )

    def _share(self, named: compute.Image) -> compute.ImageIamMember:
        return compute.ImageIamMember(
            f"{self._resource_name}-public",
            image=required(named.name),
            role="roles/compute.imageUser",
            member=_EVERYONE,
            opts=self._child(),
        )

    def _place(self, self_link: str, found: dict[str, str]) -> GcpPlace:
        args = self._args
        return GcpPlace(
            project=args.project,
            self_link=self_link,
            id=found[args.project],
            family=args.family,
            member=_EVERYONE if args.wanted.stack.public else None,
        )


def _features(record: BakeRecord) -> list[compute.ImageGuestOsFeatureArgs]:
    return [compute.ImageGuestOsFeatureArgs(type=feature) for feature in record.features]
