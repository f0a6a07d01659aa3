"""An image of AWS: a bake, copied under its name to every region."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi_aws as aws

from components.bake import Bake
from components.failures import required
from components.orphans import orphan_hook
from components.publication import Publication, check_published
from components.published_image import ImageArgs, Steps, description, protected_child, tags
from images import contract
from images.aws import AwsPlace, AwsRegion, AwsTarget
from images.record import BakeRecord
from images.tags import STACK

_ROOT_DEVICE = "/dev/sda1"
#: Large snapshots take their time, and a region copies few at once; the provider's own limit is
#: 40 minutes.
_LONGEST = pulumi.CustomTimeouts(create="2h", update="2h")


@dataclass(frozen=True, kw_only=True)
class AwsImageArgs(ImageArgs):
    """What an image has on AWS.

    `expires`: the stack says how long its AMIs are shown to others. `today` is when this update
    began, as EC2 counts days.
    """

    target: pulumi.Input[AwsTarget]
    account_id: str
    home_region: str
    regions: Sequence[str]
    parameters: str | None
    expires: bool
    today: date

    @property
    def retires(self) -> date | None:
        """The day from which EC2 hides the AMIs; it takes none that has begun."""
        day = self.wanted.retires
        return day if day and day > self.today else None

    @property
    def is_over(self) -> bool:
        """Whether the day from which nobody should use the release has come."""
        return self.wanted.retires is not None and self.retires is None


class AwsImage(pulumi.ComponentResource):
    """Baked, verified, copied, confirmed. `image` is its part of the contract."""

    image: pulumi.Output[contract.Image]

    def __init__(
        self, name: str, args: AwsImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:aws:AwsImage", name, None, opts)
        self._resource_name, self._args = name, args
        if args.is_over:
            _tell_that_it_is_over(self, args)
        self._bake = Bake(name, args.bake, pulumi.ResourceOptions(parent=self))
        copies = {region: self._copy(region) for region in args.regions}
        public = args.wanted.stack.public
        shared = [self._share(region, copy) for region, copy in copies.items() if public]
        pointers = [self._point(region, copy) for region, copy in copies.items() if args.parameters]
        confirmation = check_published(
            name,
            Publication(
                wanted=args.wanted,
                bake=self._bake.record.apply(lambda record: record.name),
                ids={region: copy.id for region, copy in copies.items()},
                target=args.target,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[*shared, *pointers]),
        )
        snapshots = {region: copy.root_snapshot_id for region, copy in copies.items()}
        self.image = Steps(
            wanted=args.wanted,
            record=self._bake.record,
            verification=self._bake.verification,
            ids={region: copy.id for region, copy in copies.items()},
            place=pulumi.Output.all(confirmation, pulumi.Output.all(**snapshots)).apply(
                lambda found: self._place(found[0].found, found[1])
            ),
        ).image
        self.register_outputs({"name": args.name})

    def _copy(self, region: str) -> aws.ec2.AmiCopy:
        args, record = self._args, self._bake.record
        copy = aws.ec2.AmiCopy(
            f"{self._resource_name}-{region}",
            name=args.name,
            description=record.apply(lambda record: description(args.wanted, record)),
            source_ami_id=required(record.apply(lambda record: record.image_id)),
            source_ami_region=args.home_region,
            region=region,
            deprecation_time=pulumi.Output.all(record, args.target).apply(
                lambda found: self._deprecation(found[0], found[1])
            ),
            tags=record.apply(self._tags),
            opts=self._child(
                pulumi.ResourceOptions(
                    depends_on=[self._bake],
                    custom_timeouts=_LONGEST,
                    ignore_changes=self._left_alone(),
                    hooks=orphan_hook(
                        args.wanted,
                        record.apply(lambda record: record.name),
                        region,
                        args.target,
                    ),
                )
            ),
        )
        # The provider tags no snapshot, and GitHub's role may delete a snapshot by its mark. So the
        # mark is never taken off: the copy's end takes the snapshot along, after its dependents.
        aws.ec2.Tag(
            f"{self._resource_name}-{region}-snapshot",
            resource_id=required(copy.root_snapshot_id),
            key=STACK,
            value=args.wanted.stack.name,
            region=region,
            opts=self._child(pulumi.ResourceOptions(retain_on_delete=True)),
        )
        return copy

    def _share(self, region: str, copy: aws.ec2.AmiCopy) -> aws.ec2.AmiLaunchPermission:
        return aws.ec2.AmiLaunchPermission(
            f"{self._resource_name}-{region}-public",
            image_id=required(copy.id),
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
            value=required(copy.id),
            region=region,
            tags={STACK: self._args.wanted.stack.name},
            opts=self._child(),
        )

    def _child(self, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        return protected_child(self, self._args.wanted, opts)

    def _tags(self, record: BakeRecord) -> dict[str, str]:
        return {"Name": self._args.name, **tags(self._args.wanted, record)}

    def _left_alone(self) -> list[str]:
        """Return what an AMI that is there keeps: a date that EC2 gave it, or that has come.

        EC2 gives each public AMI one, which nothing cancels ("Deprecate an Amazon EC2 AMI", EC2
        User Guide).
        """
        args = self._args
        own = args.expires or args.retires is not None
        kept = args.is_over or (args.wanted.stack.public and not own)
        return ["deprecationTime"] if kept else []

    def _deprecation(self, record: BakeRecord, target: AwsTarget) -> str | None:
        if self._args.is_over:
            return None
        if self._args.retires:
            return f"{self._args.retires.isoformat()}T00:00:00Z"
        when = target.deprecated_at(record.finished_at)
        return when and when.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _place(self, amis: dict[str, str], snapshots: dict[str, str]) -> AwsPlace:
        return AwsPlace(
            account_id=self._args.account_id,
            root_device_name=_ROOT_DEVICE,
            public=self._args.wanted.stack.public,
            regions={
                region: AwsRegion(ami=ami, snapshots=[snapshots[region]])
                for region, ami in amis.items()
            },
        )


def _tell_that_it_is_over(image: pulumi.Resource, args: AwsImageArgs) -> None:
    pulumi.log.warn(
        f"{args.name}: the day of {args.wanted.release}, {args.wanted.retires}, is over, and EC2 "
        "takes no such day: AMIs that have one keep it, others stay as visible as they are. Take "
        "the release out of the stack, or name a day to come, of public AMIs one before theirs",
        image,
    )
