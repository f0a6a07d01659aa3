"""An image of this machine: a bake, published as a file of a folder."""

from dataclasses import dataclass

import pulumi

from components.bake import Bake, BakeArgs
from components.command import bakery
from images import contract
from images.job import PublishJob
from images.local_publication import LocalPublication
from images.record import BakeRecord, VerificationRecord


@dataclass(frozen=True)
class LocalImageArgs:
    """One image of one release."""

    bake: BakeArgs
    name: str
    version: str
    prefix: str
    place: str


class LocalImage(pulumi.ComponentResource):
    """Baked, verified, and copied to its release name. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: LocalImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:local:LocalImage", name, None, opts)
        bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        baked = bake.record.apply(lambda record: record.name)

        def publish_job(bake: str) -> str:
            stack = pulumi.get_stack()
            return PublishJob(
                stack=stack, bake=bake, name=args.name, place=args.place
            ).model_dump_json()

        published = bakery(
            f"{name}-publish",
            "publish",
            baked.apply(publish_job),
            [baked, args.name, args.place],
            undo="unpublish",
            once=args.bake.immutable,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bake]),
        )

        def describe(
            record: BakeRecord, verification: VerificationRecord | None, answer: str
        ) -> contract.Image:
            return contract.Image(
                name=args.name,
                variant=record.variant,
                version=args.version,
                prefix=args.prefix,
                content=contract.content(record),
                verification=contract.verified(verification),
                place=LocalPublication.model_validate_json(answer).place,
            )

        self.image = pulumi.Output.all(bake.record, bake.verification, published.stdout).apply(
            lambda found: describe(*found)
        )
        self.register_outputs({"name": args.name})
