"""One bake and its verification, as two commands that run at most once for each content."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.command import Credentials, bakery
from components.content import Content, Wanted
from images.clouds import Target
from images.job import BakeJob, VerifyJob
from images.record import BakeRecord, VerificationRecord

#: Minutes that Packer, once told to stop, and the bakery get beyond the limit for Packer itself.
_GRACE_MINUTES = 10


@dataclass(frozen=True)
class BakeArgs:
    """What a bake needs. It begins when all of `after` is there."""

    wanted: Wanted
    target: pulumi.Input[Target]
    after: Sequence[pulumi.Resource] = ()
    credentials: Credentials | None = None


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
        stack, content = args.wanted.stack, args.wanted.content
        limit = f"{stack.time_limit_minutes + _GRACE_MINUTES}m"
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=list(args.after),
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
        )
        target = pulumi.Output.from_input(args.target)
        baked = bakery(
            f"{name}-bake",
            "bake",
            target.apply(lambda target: _bake_job(args.wanted, target)),
            content.inputs,
            credentials=args.credentials,
            # What is released under a name is never baked again under it.
            once=stack.keeps(args.wanted.name),
            opts=opts,
        )
        self.record = baked.stdout.apply(BakeRecord.model_validate_json)
        self.verification = pulumi.Output.from_input(None)
        if stack.verify:
            verified = bakery(
                f"{name}-verify",
                "verify",
                pulumi.Output.all(target, self.record).apply(
                    lambda found: _verify_job(args.wanted, found[0], found[1])
                ),
                [self.record.apply(lambda record: record.digest), *content.check_inputs],
                credentials=args.credentials,
                once=stack.keeps(args.wanted.name),
                opts=opts,
            )
            self.verification = verified.stdout.apply(VerificationRecord.model_validate_json)
        if stack.immutable:
            self.record.apply(lambda record: _warn_if_behind(self, name, record, content))
        self.register_outputs({"bake": self.record.apply(lambda record: record.name)})


def _bake_job(wanted: Wanted, target: Target) -> str:
    content, entry = wanted.content, wanted.content.entry
    return BakeJob(
        stack=wanted.stack.name,
        variant=wanted.key.variant,
        bake=content.bake,
        inputs=content.inputs,
        environment=content.environment,
        disk_gb=content.disk_gb,
        time_limit=wanted.stack.time_limit_minutes * 60,
        target=target,
        digest=content.digest,
        source_name=content.source,
        prepare=list(entry.prepare),
        install=list(entry.install),
        seal=list(entry.seal),
    ).model_dump_json()


def _verify_job(wanted: Wanted, target: Target, record: BakeRecord) -> str:
    content = wanted.content
    return VerifyJob(
        stack=wanted.stack.name,
        variant=wanted.key.variant,
        # Of what was baked, which in an immutable stack is not what would be today.
        bake=record.name,
        inputs=content.check_inputs,
        environment=content.environment,
        disk_gb=content.disk_gb,
        time_limit=wanted.stack.time_limit_minutes * 60,
        target=target,
        checks=list(content.entry.checks),
    ).model_dump_json()


def _warn_if_behind(bake: Bake, name: str, record: BakeRecord, content: Content) -> None:
    if record.digest != content.digest:
        pulumi.log.warn(
            f"this release is behind its sources: it has {record.name}, and they would make "
            f"{content.bake}. A published release stays as it is; add a release to bake them. If "
            f"this image is published nowhere yet: pulumi up --replace '**Command::{name}-bake'",
            bake,
        )
