"""The local cloud: bakes on this machine, published as files of a folder."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
from pulumi_command import local

from components.bake import IGNORED, Bake, BakeArgs, bakery
from components.content import PROJECT, contents
from components.settings import AUTO, Local, Settings
from images import contract
from images.errors import Mistake
from images.job import LocalTarget, PublishJob
from images.machine import Machine, home, read
from images.naming import image_name
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
        super().__init__("dstack-images:index:LocalImage", name, None, opts)
        bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        baked = bake.record.apply(lambda record: record.name)

        def publish_job(bake: str) -> str:
            stack = pulumi.get_stack()
            return PublishJob(
                stack=stack, bake=bake, name=args.name, place=args.place
            ).model_dump_json()

        published = local.Command(
            f"{name}-publish",
            create=bakery("publish"),
            delete=bakery("unpublish"),
            stdin=baked.apply(publish_job),
            triggers=[baked, args.name, args.place],
            logging=local.Logging.STDERR,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[bake],
                ignore_changes=[*IGNORED, "triggers"] if args.bake.immutable else IGNORED,
            ),
        )

        def describe(
            record: BakeRecord, verification: VerificationRecord | None, place: str
        ) -> contract.Image:
            return contract.Image(
                name=args.name,
                variant=record.variant,
                version=args.version,
                prefix=args.prefix,
                content=contract.content(record),
                verification=contract.verified(verification),
                place=contract.LocalPlace.model_validate_json(place),
            )

        self.image = pulumi.Output.all(bake.record, bake.verification, published.stdout).apply(
            lambda found: describe(*found)
        )
        self.register_outputs({"name": args.name})


def images(settings: Settings) -> Iterator[pulumi.Output[contract.Image]]:
    """Every variant of every release on this machine. Raises Mistake where it is not set up."""
    chosen = settings.clouds.local
    assert chosen is not None
    machine = read(home())
    target = _target(chosen, machine)
    prepull = _prepull(settings.prepull, machine)
    for release, content in contents(
        PROJECT, settings, chosen, source=machine.source.name, prepull=prepull
    ):
        yield LocalImage(
            f"local-{content.entry.variant}-{release}",
            LocalImageArgs(
                bake=BakeArgs.of(settings, content, target),
                name=image_name("local", content.entry.variant, release, settings.prefix),
                version=release,
                prefix=settings.prefix,
                place=chosen.place,
            ),
        ).image


def _target(chosen: Local, machine: Machine) -> LocalTarget:
    if chosen.source != AUTO and not machine.source.name.startswith(chosen.source):
        raise Mistake(
            f"dstack-images:clouds.local.source is {chosen.source}, but this machine was set up "
            f"with {machine.source.name}; run `make setup SOURCE={chosen.source}`"
        )
    return LocalTarget(
        source_file=machine.source.file,
        source_sha256=machine.source.sha256,
        firmware=machine.firmware,
        accelerator=machine.accelerator,
        cpus=chosen.cpus,
        memory_mb=chosen.memory_mb,
        demo_registry=machine.prepull and machine.prepull.registry,
    )


def _prepull(wanted: list[str], machine: Machine) -> list[str]:
    """The configured list, or the demonstration images where no public registry answers."""
    if machine.prepull is None or not wanted:
        return wanted
    pulumi.log.warn(
        f"no public Docker registry answers from this machine: instead of {', '.join(wanted)} "
        f"the image gets the demonstration {', '.join(machine.prepull.images)}"
    )
    return machine.prepull.images
