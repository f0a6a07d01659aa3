"""A gallery image version under its name: how public images are published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pulumi
from pulumi_azure_native import compute

from components.azure.ownership import is_absent
from components.azure.previous import PreviousPublication
from components.azure.publication import PublicationArgs
from components.child_options import child_options
from components.failures import required
from images.record import BakeRecord
from images.tags import BAKE, DIGEST

_PUBLISHER, _OFFER = "dstackai", "dstack"
#: Servers start machines that have only the one and machines that have only the other.
CONTROLLERS = ("SCSI", "NVMe")
#: Large images take an hour to get everywhere; Pulumi's own limit is shorter.
_LONGEST = pulumi.CustomTimeouts(create="3h", update="3h", delete="1h")
_PROFILE = "publishingProfile"
_EXCLUDED = f"{_PROFILE}.excludeFromLatest"


@dataclass(frozen=True)
class PublicArgs:
    """The gallery, and what a version in it says. `replicas` has its regions.

    `retires` has names whose release is about to go, and from when nobody should use them.
    `after`: the gallery is open. `previous`: what the stack had published when this update began;
    that is `today`.
    """

    gallery: str
    public_name: pulumi.Input[str]
    replicas: Mapping[str, int]
    end_of_life_days: int | None
    retires: Mapping[str, date]
    after: pulumi.Resource
    previous: Mapping[str, PreviousPublication]
    today: date

    def end_of_life(self, name: str, built_at: datetime) -> date | None:
        """Return the end of life of what is published of content of that time."""
        if name in self.retires:
            return self.retires[name]
        days = self.end_of_life_days
        return None if days is None else (built_at + timedelta(days=days)).date()

    def is_past(self, name: str, built_at: datetime) -> bool:
        """Whether content of that time is at its end: Azure takes no such date any more."""
        end = self.end_of_life(name, built_at)
        return end is not None and end <= self.today

    def is_retired(self, name: str) -> bool:
        """Whether what is published of the name is past its end: it stays as it is."""
        before = self.previous.get(name)
        return before is not None and self.is_past(name, before.built_at)

    def replicas_of(self, name: str) -> Mapping[str, int]:
        """Where it is, and how often."""
        return self.previous[name].replicas if self.is_retired(name) else self.replicas

    def given_up(self, name: str) -> list[str]:
        """Where it is published and is not to be any more; what is retired stays where it is."""
        before = self.previous.get(name)
        return sorted(set(before.replicas) - set(self.replicas_of(name))) if before else []

    def unchanged(self, name: str) -> bool:
        """Whether that is published already, and just so."""
        before = self.previous.get(name)
        return before is not None and (
            (before.replicas, before.end_of_life)
            == (self.replicas, self.end_of_life(name, before.built_at))
        )


@dataclass(frozen=True)
class GalleryImageArgs:
    """The name of an image in its gallery, and the gallery that makes it public."""

    named: PublicationArgs
    public: PublicArgs


class GalleryImage(pulumi.ComponentResource):
    """A definition of that name and its version of this bake.

    `id` is the version's; `made` tells one that was deleted and made again from the one before.

    A version is made so that servers pass it over, and the confirmation lets it go once it is in
    every region. Pulumi's state does not learn of that, and must not undo it: so each update asks
    Azure anew whether servers have it, and where nothing else has changed, what the state says is
    left alone.
    """

    id: pulumi.Output[str]
    made: pulumi.Output[str]

    def __init__(
        self, name: str, args: GalleryImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:azure:GalleryImage", name, None, opts)
        self._name, self._named, self._public = name, args.named, args.public
        self._part = child_options(self, opts, protect=args.named.wanted.protect)
        if args.named.wanted.protect:
            self._warn_of_lost_regions()
        version = self._baked(self._definition())
        self.id = version.id
        self.made = version.publishing_profile.apply(
            lambda profile: profile.published_date if profile else ""
        )
        self.register_outputs({"id": self.id})

    def _warn_of_lost_regions(self) -> None:
        name = self._named.name
        if regions := self._public.given_up(name):
            pulumi.log.warn(
                f"{name}: {', '.join(regions)} is not in `regions` any more, and Azure takes no "
                "region from what is protected: docs/azure.md says how to remove one",
                self,
            )

    def _definition(self) -> compute.GalleryImage:
        named, public = self._named, self._public
        return compute.GalleryImage(
            f"{self._name}-definition",
            gallery_image_name=named.name,
            gallery_name=public.gallery,
            resource_group_name=named.group,
            location=named.location,
            identifier=compute.GalleryImageIdentifierArgs(
                publisher=_PUBLISHER, offer=_OFFER, sku=named.name
            ),
            os_type=compute.OperatingSystemTypes.LINUX,
            os_state=compute.OperatingSystemStateTypes.GENERALIZED,
            hyper_v_generation=compute.HyperVGeneration.V2,
            architecture=compute.Architecture.X64,
            features=[
                compute.GalleryImageFeatureArgs(
                    name="DiskControllerTypes", value=",".join(CONTROLLERS)
                )
            ],
            # Of the name, which outlives one content.
            tags=named.tags.apply(_without_content),
            opts=self._options(
                pulumi.ResourceOptions(
                    depends_on=[public.after], hooks=named.orphan_hook(public.gallery)
                )
            ),
        )

    def _baked(self, definition: compute.GalleryImage) -> compute.GalleryImageVersion:
        named, public = self._named, self._public
        number = named.record.apply(_number)
        place = number.apply(lambda number: f"{public.gallery}/{number}")
        return compute.GalleryImageVersion(
            f"{self._name}-version",
            gallery_image_version_name=required(number, "0.0.0"),
            gallery_image_name=required(definition.name),
            gallery_name=public.gallery,
            resource_group_name=named.group,
            location=named.location,
            publishing_profile=compute.GalleryImageVersionPublishingProfileArgs(
                target_regions=[
                    compute.TargetRegionArgs(name=region, regional_replica_count=count)
                    for region, count in public.replicas.items()
                ],
                # Of a name that is new, there is no version to ask for before its definition.
                exclude_from_latest=pulumi.Output.all(number, definition.id).apply(
                    lambda known: self._excluded(known[0])
                ),
                end_of_life_date=named.record.apply(self._end_of_life),
            ),
            # Pulumi protects from deletion, and a list that lost a region is no deletion to it.
            safety_profile=compute.GalleryImageVersionSafetyProfileArgs(
                allow_deletion_of_replicated_locations=not named.wanted.protect
            ),
            storage_profile=compute.GalleryImageVersionStorageProfileArgs(
                source=compute.GalleryArtifactVersionFullSourceArgs(
                    id=required(named.record.apply(lambda record: record.image_id))
                )
            ),
            tags=named.tags,
            opts=self._options(
                pulumi.ResourceOptions(
                    custom_timeouts=_LONGEST,
                    hooks=named.orphan_hook(place),
                    # Servers keep the old version until the new one is there.
                    delete_before_replace=False,
                    ignore_changes=self._left_alone(),
                )
            ),
        )

    def _left_alone(self) -> list[str]:
        """Return what of a version that is there stays as it is; a new one gets all."""
        if self._public.is_retired(self._named.name):
            # Azure takes no writing of what has an end of life in the past.
            return [_PROFILE, "safetyProfile"]
        return [_EXCLUDED] if self._public.unchanged(self._named.name) else []

    def _excluded(self, number: str) -> bool:
        """Whether servers pass the version over: not the one that they have already."""
        try:
            found = compute.get_gallery_image_version(
                gallery_name=self._public.gallery,
                gallery_image_name=self._named.name,
                gallery_image_version_name=number,
                resource_group_name=self._named.group,
                opts=pulumi.InvokeOptions(parent=self),
            )
        except Exception as error:
            if is_absent(error):
                return True
            raise
        profile = found.publishing_profile
        return bool(profile and profile.exclude_from_latest)

    def _end_of_life(self, record: BakeRecord) -> str | None:
        end = self._public.end_of_life(self._named.name, record.finished_at)
        past = self._public.is_past(self._named.name, record.finished_at)
        return f"{end.isoformat()}T00:00:00Z" if end and not past else None

    def _options(self, more: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._part, more)


def _number(record: BakeRecord) -> str:
    """Three numbers, and the newest bake has the highest: its year, its day, its second."""
    when = record.finished_at
    second = when.hour * 10000 + when.minute * 100 + when.second
    return f"{when.year}.{when.month * 100 + when.day}.{second}"


def _without_content(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in (BAKE, DIGEST)}
