"""Where bake records, package lists and logs are kept for people to read."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import storage

from components.child_options import child_options
from config.stack import Stack
from images.labels import labels
from images.tags import STACK

_DAYS = 30
#: Of a stack that is kept, a record that was overwritten can be had back for this long.
_DAYS_KEPT = 90
_LOGS = "logs/"


@dataclass(frozen=True)
class RecordsBucketArgs:
    """The stack that has the bucket; the content of a protected one outlives it."""

    name: str
    stack: Stack
    location: str


class RecordsBucket(pulumi.ComponentResource):
    """A private bucket, every object of it versioned.

    Below `records/`, `packages/`, `sboms/` and `logs/`. Access is the bucket's as a whole, and
    nobody can make it public. Where the stack is kept, nothing expires but what was overwritten;
    elsewhere logs go after a month, and all goes with the stack.
    """

    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: RecordsBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:RecordsBucket", name, None, opts)
        protect = args.stack.protect
        bucket = storage.Bucket(
            f"{name}-bucket",
            name=args.name,
            # As the API gives it back.
            location=args.location.upper(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=storage.BucketVersioningArgs(enabled=True),
            lifecycle_rules=_lifecycle(protect=protect),
            force_destroy=not protect,
            labels=labels({STACK: args.stack.name}),
            opts=child_options(self, opts, protect=protect),
        )
        self.name = bucket.name
        self.register_outputs({"name": self.name})


def _lifecycle(*, protect: bool) -> list[storage.BucketLifecycleRuleArgs]:
    overwritten = storage.BucketLifecycleRuleConditionArgs(
        days_since_noncurrent_time=_DAYS_KEPT if protect else _DAYS, with_state="ARCHIVED"
    )
    old_logs = storage.BucketLifecycleRuleConditionArgs(age=_DAYS, matches_prefixes=[_LOGS])
    delete = storage.BucketLifecycleRuleActionArgs(type="Delete")
    return [
        storage.BucketLifecycleRuleArgs(action=delete, condition=condition)
        for condition in ([overwritten] if protect else [overwritten, old_logs])
    ]
