"""An image of this machine: a bake, published as a file of a folder."""

from dataclasses import dataclass

import pulumi

from components.bake import Bake
from components.command import answer, bakery
from components.published_image import ImageArgs, Steps
from images import contract
from images.job import PublishJob
from images.local import HERE
from images.local_publication import LocalPublication


@dataclass(frozen=True, kw_only=True)
class LocalImageArgs(ImageArgs):
    """What an image has on this machine."""

    place: str


class LocalImage(pulumi.ComponentResource):
    """Baked, verified, and copied to its release name. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: LocalImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:local:LocalImage", name, None, opts)
        stack = args.wanted.stack
        bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        baked = bake.record.apply(lambda record: record.name)

        def publish_job(bake: str) -> str:
            return PublishJob(
                stack=stack.name, bake=bake, name=args.name, place=args.place
            ).model_dump_json()

        published = bakery(
            f"{name}-publish",
            "publish",
            baked.apply(publish_job),
            [baked, args.name, args.place],
            undo="unpublish",
            once=stack.immutable,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bake]),
        )

        place = answer(published, LocalPublication).apply(lambda found: found.place)
        self.image = Steps(
            wanted=args.wanted,
            record=bake.record,
            verification=bake.verification,
            ids={HERE: place.apply(lambda place: place.path)},
            place=place,
        ).image
        self.register_outputs({"name": args.name})
