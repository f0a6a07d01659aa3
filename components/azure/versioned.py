"""A gallery image version under its name: how public images are published."""

from dataclasses import dataclass
from datetime import timedelta

import pulumi
from pulumi_azure_native import compute

from components.azure.name import NameArgs
from components.command import bakery
from images.job import Held, HoldJob
from images.record import BakeRecord
from images.tags import BAKE, DIGEST
from images.targets import Target

_PUBLISHER, _OFFER = "dstackai", "dstack"
#: Servers start machines that have only the one and machines that have only the other.
_CONTROLLERS = "SCSI,NVMe"
#: Large images take an hour to get everywhere; Pulumi's own limit is shorter.
_LONGEST = pulumi.CustomTimeouts(create="3h", update="3h", delete="1h")


@dataclass(frozen=True)
class PublicArgs:
    """The gallery, and what a version in it says. `replicas` has its regions.

    `after`: the gallery is open.
    """

    gallery: str
    public_name: pulumi.Input[str]
    replicas: dict[str, int]
    end_of_life_days: int | None
    after: pulumi.Resource


@dataclass(frozen=True)
class GalleryImageArgs:
    """Under which name, and where in public."""

    named: NameArgs
    public: PublicArgs


class GalleryImage(pulumi.ComponentResource):
    """A definition of that name and its version of this bake. `id` is the version's."""

    id: pulumi.Output[str]

    def __init__(
        self, name: str, args: GalleryImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:GalleryImage", name, None, opts)
        self._name, self._args, self._public = name, args.named, args.public
        self._waits = opts.depends_on if opts else None
        definition = self._definition()
        named, public = args.named, args.public
        number = named.record.apply(_number)
        held = self._held(number)
        version = compute.GalleryImageVersion(
            f"{name}-version",
            gallery_image_version_name=number,
            gallery_image_name=definition.name,
            gallery_name=public.gallery,
            resource_group_name=named.group,
            location=named.location,
            publishing_profile=compute.GalleryImageVersionPublishingProfileArgs(
                target_regions=[
                    compute.TargetRegionArgs(name=region, regional_replica_count=count)
                    for region, count in public.replicas.items()
                ],
                exclude_from_latest=held,
                end_of_life_date=named.record.apply(self._end_of_life),
            ),
            storage_profile=compute.GalleryImageVersionStorageProfileArgs(
                source=compute.GalleryArtifactVersionFullSourceArgs(
                    id=named.record.apply(lambda record: record.image_id)
                )
            ),
            tags=named.tags,
            opts=self._child(
                place=number.apply(lambda number: f"{public.gallery}/{number}"),
                more=pulumi.ResourceOptions(custom_timeouts=_LONGEST),
            ),
        )
        self.id = version.id
        self.register_outputs({"id": self.id})

    def _definition(self) -> compute.GalleryImage:
        args, public = self._args, self._public
        return compute.GalleryImage(
            f"{self._name}-definition",
            gallery_image_name=args.name,
            gallery_name=public.gallery,
            resource_group_name=args.group,
            location=args.location,
            identifier=compute.GalleryImageIdentifierArgs(
                publisher=_PUBLISHER, offer=_OFFER, sku=args.name
            ),
            os_type=compute.OperatingSystemTypes.LINUX,
            os_state=compute.OperatingSystemStateTypes.GENERALIZED,
            hyper_v_generation=compute.HyperVGeneration.V2,
            architecture=compute.Architecture.X64,
            features=[
                compute.GalleryImageFeatureArgs(name="DiskControllerTypes", value=_CONTROLLERS)
            ],
            # Of the name, which outlives one content.
            tags=args.tags.apply(_without_content),
            opts=self._child(
                place=public.gallery, more=pulumi.ResourceOptions(depends_on=[public.after])
            ),
        )

    def _held(self, number: pulumi.Output[str]) -> pulumi.Output[bool]:
        """Whether servers are to pass it over until it is everywhere.

        Looked up when the version or its regions change, and kept in the state: what `confirm`
        has let go must not be held back again by a region that is added.
        """
        args, public = self._args, self._public

        def job(number: str, target: Target) -> str:
            return HoldJob(
                stack=pulumi.get_stack(), name=args.name, version=number, target=target
            ).model_dump_json()

        held = bakery(
            f"{self._name}-hold",
            "hold",
            pulumi.Output.all(number, args.target).apply(lambda found: job(*found)),
            [args.name, number, *public.replicas],
            environment=args.environment,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[public.after]),
        )
        return held.stdout.apply(lambda text: Held.model_validate_json(text).excluded)

    def _end_of_life(self, record: BakeRecord) -> str | None:
        days = self._public.end_of_life_days
        if days is None:
            return None
        return (record.finished_at + timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z")

    def _child(
        self, place: pulumi.Input[str], more: pulumi.ResourceOptions
    ) -> pulumi.ResourceOptions:
        own = pulumi.ResourceOptions(
            parent=self,
            protect=self._args.kept,
            depends_on=self._waits,
            hooks=self._args.cleared(place),
        )
        return pulumi.ResourceOptions.merge(own, more)


def _number(record: BakeRecord) -> str:
    """Three numbers, and the newest bake has the highest: its year, its day, its second."""
    when = record.finished_at
    second = when.hour * 10000 + when.minute * 100 + when.second
    return f"{when.year}.{when.month * 100 + when.day}.{second}"


def _without_content(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in (BAKE, DIGEST)}
