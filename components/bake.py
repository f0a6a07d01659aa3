"""One bake and its verification, as two commands that run at most once for each content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pulumi
from pulumi_command import local

from components.content import Content
from components.settings import Settings
from images.job import BakeJob, LocalTarget, VerifyJob
from images.record import BakeRecord, VerificationRecord

#: Every input but the triggers: a rotated token, a new machine size, another checkout must not
#: bake. The provider would run `create` again for any of them. At a replacement, which only a
#: changed trigger causes, the new values are used all the same.
IGNORED = [
    "create",
    "update",
    "delete",
    "dir",
    "environment",
    "interpreter",
    "logging",
    "stdin",
    "addPreviousOutputInEnv",
    "archivePaths",
    "assetPaths",
]
#: Minutes that Packer, once told to stop, and the bakery get beyond the limit for Packer itself.
_GRACE_MINUTES = 10


@dataclass(frozen=True)
class BakeArgs:
    """What a bake needs."""

    content: Content
    target: LocalTarget
    time_limit_minutes: int
    verify: bool
    immutable: bool

    @classmethod
    def of(cls, settings: Settings, content: Content, target: LocalTarget) -> Self:
        """As the stack's settings say."""
        return cls(
            content=content,
            target=target,
            time_limit_minutes=settings.time_limit_minutes,
            verify=settings.verify,
            immutable=settings.immutable,
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
        content, entry = args.content, args.content.entry
        common = {
            "stack": pulumi.get_stack(),
            "variant": entry.variant,
            "environment": content.environment,
            "disk_gb": content.disk_gb,
            "time_limit": args.time_limit_minutes * 60,
            "target": args.target,
        }
        job = BakeJob.model_validate(
            {
                **common,
                "bake": content.bake,
                "digest": content.digest,
                "parts": content.parts,
                "source_name": content.source,
                "prepare": entry.prepare,
                "install": entry.install,
                "seal": entry.seal,
            }
        )
        baked = self._command(f"{name}-bake", "bake", job.model_dump_json(), content.parts, args)
        self.record = baked.stdout.apply(BakeRecord.model_validate_json)
        self.verification = pulumi.Output.from_input(None)
        if args.verify:

            def verify_job(record: BakeRecord) -> str:
                # Of what was baked, which in an immutable stack is not what would be today.
                parts = {"bake": record.name, "parts": content.check_parts, "checks": entry.checks}
                return VerifyJob.model_validate({**common, **parts}).model_dump_json()

            verified = self._command(
                f"{name}-verify",
                "verify",
                self.record.apply(verify_job),
                [self.record.apply(lambda record: record.digest), *content.check_parts],
                args,
            )
            self.verification = verified.stdout.apply(VerificationRecord.model_validate_json)
        self.register_outputs({"bake": self.record.apply(lambda record: record.name)})

    def _command(
        self,
        name: str,
        work: str,
        job: pulumi.Input[str],
        triggers: Sequence[pulumi.Input[str]],
        args: BakeArgs,
    ) -> local.Command:
        limit = f"{args.time_limit_minutes + _GRACE_MINUTES}m"
        return local.Command(
            name,
            create=bakery(work),
            stdin=job,
            triggers=list(triggers),
            logging=local.Logging.STDERR,
            opts=pulumi.ResourceOptions(
                parent=self,
                # What is released under a name is never baked again under it.
                ignore_changes=[*IGNORED, "triggers"] if args.immutable else IGNORED,
                custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
            ),
        )


def bakery(work: str) -> str:
    """The command line of the bakery, the same in every checkout."""
    return f"exec .venv/bin/python -m bakery {work}"
