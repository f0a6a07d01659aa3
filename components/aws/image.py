"""An image of AWS: a bake, copied under its name to every region."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.bake import Bake, BakeArgs
from components.orphans import orphan_hook
from components.publication import Publication, check_published
from images import contract
from images.record import BakeRecord, VerificationRecord
from images.tags import BAKE, DIGEST, RELEASE, STACK, VARIANT
from images.targets import AwsTarget

_ROOT_DEVICE = "/dev/sda1"


@dataclass(frozen=True)
class AwsImageArgs:
    """One image of one release. With `protect`, nothing of it can be destroyed by accident."""

    bake: BakeArgs
    target: pulumi.Input[AwsTarget]
    name: str
    version: str
    prefix: str
    account_id: str
    home_region: str
    regions: Sequence[str]
    public: bool
    protect: bool
    parameters: str | None


class AwsImage(pulumi.ComponentResource):
    """Baked, verified, copied, confirmed. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: AwsImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:aws:AwsImage", name, None, opts)
        self._resource_name, self._args = name, args
        self._bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        copies = {region: self._copy(region) for region in args.regions}
        shared = [self._share(region, copy) for region, copy in copies.items() if args.public]
        pointers = [self._point(region, copy) for region, copy in copies.items() if args.parameters]
        confirmation = check_published(
            name,
            Publication(
                name=args.name,
                bake=self._bake.record.apply(lambda record: record.name),
                ids={region: copy.id for region, copy in copies.items()},
                public=args.public,
                target=args.target,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[*shared, *pointers]),
        )
        snapshots = {region: copy.root_snapshot_id for region, copy in copies.items()}
        self.image = pulumi.Output.all(
            self._bake.record, self._bake.verification, confirmation, pulumi.Output.all(**snapshots)
        ).apply(lambda found: self._describe(found[0], found[1], found[2].found, found[3]))
        self.register_outputs({"name": args.name})

    def _child(self, **more: object) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=self._args.protect, **more)  # pyright: ignore[reportArgumentType]

    def _copy(self, region: str) -> aws.ec2.AmiCopy:
        args, record = self._args, self._bake.record
        copy = aws.ec2.AmiCopy(
            f"{self._resource_name}-{region}",
            name=args.name,
            description=record.apply(lambda record: f"{args.name}: {_words(record)}"),
            source_ami_id=record.apply(lambda record: record.image_id),
            source_ami_region=args.home_region,
            region=region,
            deprecation_time=pulumi.Output.all(record, args.target).apply(
                lambda found: _deprecation(found[0], found[1])
            ),
            tags=record.apply(self._tags),
            opts=self._child(
                depends_on=[self._bake],
                hooks=orphan_hook(
                    args.name,
                    record.apply(lambda record: record.name),
                    args.protect,
                    region,
                    args.target,
                ),
            ),
        )
        # The provider tags no snapshot, and GitHub's role may delete a snapshot by its mark. So the
        # mark is never taken off: the copy's end takes the snapshot along, after its dependents.
        aws.ec2.Tag(
            f"{self._resource_name}-{region}-snapshot",
            resource_id=copy.root_snapshot_id,
            key=STACK,
            value=pulumi.get_stack(),
            region=region,
            opts=self._child(retain_on_delete=True),
        )
        return copy

    def _share(self, region: str, copy: aws.ec2.AmiCopy) -> aws.ec2.AmiLaunchPermission:
        return aws.ec2.AmiLaunchPermission(
            f"{self._resource_name}-{region}-public",
            image_id=copy.id,
            group="all",
            region=region,
            opts=self._child(),
        )

    def _point(self, region: str, copy: aws.ec2.AmiCopy) -> aws.ssm.Parameter:
        return aws.ssm.Parameter(
            f"{self._resource_name}-{region}-parameter",
            name=f"{self._args.parameters}/{self._args.name}",
            type="String",
            data_type="aws:ec2:image",
            value=copy.id,
            region=region,
            tags={STACK: pulumi.get_stack()},
            opts=self._child(),
        )

    def _tags(self, record: BakeRecord) -> dict[str, str]:
        return {
            "Name": self._args.name,
            STACK: pulumi.get_stack(),
            RELEASE: self._args.version,
            VARIANT: record.variant,
            BAKE: record.name,
            DIGEST: record.digest,
        }

    def _describe(
        self,
        record: BakeRecord,
        verification: VerificationRecord | None,
        amis: dict[str, str],
        snapshots: dict[str, str],
    ) -> contract.Image:
        args = self._args
        return contract.Image(
            name=args.name,
            variant=record.variant,
            version=args.version,
            prefix=args.prefix,
            content=contract.content(record),
            verification=contract.verified(verification),
            place=contract.AwsPlace(
                account_id=args.account_id,
                root_device_name=_ROOT_DEVICE,
                public=args.public,
                regions={
                    region: contract.AwsRegion(ami=ami, snapshots=[snapshots[region]])
                    for region, ami in amis.items()
                },
            ),
        )


def _deprecation(record: BakeRecord, target: AwsTarget) -> str | None:
    when = target.deprecated_at(record.finished_at)
    return when and when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(record: BakeRecord) -> str:
    versions = record.versions
    parts = [versions.os, f"kernel {versions.kernel}", f"Docker {versions.docker}"]
    if versions.driver:
        parts.append(f"NVIDIA driver {versions.driver}")
    return ", ".join(parts)
