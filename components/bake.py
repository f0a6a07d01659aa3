"""One bake and its verification, as two commands that run at most once for each content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pulumi

from components.command import Credentials, bakery
from components.content import Content
from config.settings import Settings
from images.job import BakeJob, VerifyJob
from images.record import BakeRecord, VerificationRecord
from images.targets import Target

#: Minutes that Packer, once told to stop, and the bakery get beyond the limit for Packer itself.
_GRACE_MINUTES = 10


@dataclass(frozen=True)
class BakeArgs:
    """What a bake needs. It begins when all of `after` is there."""

    content: Content
    target: pulumi.Input[Target]
    time_limit_minutes: int
    verify: bool
    immutable: bool
    after: Sequence[pulumi.Resource]
    credentials: Credentials | None = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        content: Content,
        target: pulumi.Input[Target],
        after: Sequence[pulumi.Resource] = (),
        credentials: Credentials | None = None,
    ) -> Self:
        """As the stack's settings say."""
        return cls(
            content=content,
            target=target,
            time_limit_minutes=settings.time_limit_minutes,
            verify=settings.verify,
            immutable=settings.immutable,
            after=after,
            credentials=credentials,
        )


class Bake(pulumi.ComponentResource):
    """Content and the proof that a machine boots from it and passes its checks.

    `record` is known once the content exists; `verification` is None where the stack does not
    verify. Whatever publishes depends on this component.
    """

    record: pulumi.Output[BakeRecord]
    verification: pulumi.Output[VerificationRecord | None]

    def __init__(
        self, name: str, args: BakeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:index:Bake", name, None, opts)
        content = args.content
        limit = f"{args.time_limit_minutes + _GRACE_MINUTES}m"
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=list(args.after),
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
        )
        target = pulumi.Output.from_input(args.target)
        baked = bakery(
            f"{name}-bake",
            "bake",
            target.apply(lambda target: _bake_job(args, target)),
            content.inputs,
            credentials=args.credentials,
            # What is released under a name is never baked again under it.
            once=args.immutable,
            opts=opts,
        )
        self.record = baked.stdout.apply(BakeRecord.model_validate_json)
        self.verification = pulumi.Output.from_input(None)
        if args.verify:
            verified = bakery(
                f"{name}-verify",
                "verify",
                pulumi.Output.all(target, self.record).apply(
                    lambda found: _verify_job(args, found[0], found[1])
                ),
                [self.record.apply(lambda record: record.digest), *content.check_inputs],
                credentials=args.credentials,
                once=args.immutable,
                opts=opts,
            )
            self.verification = verified.stdout.apply(VerificationRecord.model_validate_json)
        if args.immutable:
            self.record.apply(lambda record: _warn_if_behind(self, record, content))
        self.register_outputs({"bake": self.record.apply(lambda record: record.name)})


def _common(args: BakeArgs, target: Target) -> dict[str, object]:
    return {
        "stack": pulumi.get_stack(),
        "variant": args.content.entry.key.variant,
        "environment": args.content.environment,
        "disk_gb": args.content.disk_gb,
        "time_limit": args.time_limit_minutes * 60,
        "target": target,
    }


def _bake_job(args: BakeArgs, target: Target) -> str:
    content, entry = args.content, args.content.entry
    own = {
        "bake": content.bake,
        "digest": content.digest,
        "inputs": content.inputs,
        "source_name": content.source,
        "prepare": entry.prepare,
        "install": entry.install,
        "seal": entry.seal,
    }
    return BakeJob.model_validate({**_common(args, target), **own}).model_dump_json()


def _verify_job(args: BakeArgs, target: Target, record: BakeRecord) -> str:
    # Of what was baked, which in an immutable stack is not what would be today.
    own = {
        "bake": record.name,
        "inputs": args.content.check_inputs,
        "checks": args.content.entry.checks,
    }
    return VerifyJob.model_validate({**_common(args, target), **own}).model_dump_json()


def _warn_if_behind(bake: Bake, record: BakeRecord, content: Content) -> None:
    if record.digest != content.digest:
        pulumi.log.warn(
            f"this release is behind its sources: it has {record.name}, and they would make "
            f"{content.bake}. A published release stays as it is; add a release to bake them",
            bake,
        )
