"""Where bake records, package lists and logs are kept."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components.aws.policies import LOGS, over_tls_only
from components.aws.tags import resource_tags
from config.stack import Stack

_DAYS = 30
#: Of a stack that is kept, a record that was overwritten can be had back for this long.
_DAYS_KEPT = 90
_UPLOAD_DAYS = 7


@dataclass(frozen=True)
class RecordsBucketArgs:
    """The stack that has the bucket; the content of a protected one outlives it.

    `over_tls`: nobody is answered without it, which an emulator's own endpoint may not have.
    """

    name: str
    stack: Stack
    over_tls: bool = True


class RecordsBucket(pulumi.ComponentResource):
    """A private bucket, every object of it encrypted and versioned.

    Below `records/`, `packages/`, `sboms/` and `logs/`. Where the stack is kept, nothing in it
    expires but what was overwritten, and nothing of it can be destroyed: the parts are protected
    too, since a bucket without its policy or its block on public access is not the same bucket.
    Elsewhere logs go after a month, and all goes with the stack.
    """

    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: RecordsBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:aws:RecordsBucket", name, None, opts)
        protect = args.stack.protect
        child = pulumi.ResourceOptions(parent=self, protect=protect)
        bucket = s3.Bucket(
            f"{name}-bucket",
            bucket=args.name,
            force_destroy=not protect,
            tags=resource_tags(args.stack, args.name),
            opts=child,
        )
        s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        closed = s3.BucketPublicAccessBlock(
            f"{name}-closed",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        if args.over_tls:
            s3.BucketPolicy(
                f"{name}-policy",
                bucket=bucket.bucket,
                policy=json.dumps(over_tls_only(args.name)),
                # S3 refuses a second change of access while the first one is at work.
                opts=_after(child, closed),
            )
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ],
            opts=child,
        )
        versioning = s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=child,
        )
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=_lifecycle(protect=protect),
            # Rules for noncurrent versions need versions.
            opts=_after(child, versioning),
        )
        self.name = bucket.bucket
        self.register_outputs({"name": self.name})


def _after(options: pulumi.ResourceOptions, resource: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[resource]))


def _lifecycle(*, protect: bool) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    leftovers = s3.BucketLifecycleConfigurationRuleArgs(
        id="leftovers",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=_DAYS_KEPT if protect else _DAYS
        ),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=_UPLOAD_DAYS
        ),
    )
    if protect:
        return [leftovers]
    logs = s3.BucketLifecycleConfigurationRuleArgs(
        id="logs",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=f"{LOGS}/"),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=_DAYS),
    )
    return [leftovers, logs]
