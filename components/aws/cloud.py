"""AWS: its prerequisites, and the images that are to be."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import pulumi
import pulumi_aws as aws

from components.aws.account import account_id, provider
from components.aws.bucket import RecordsBucket, RecordsBucketArgs
from components.aws.identity import BuildIdentity, BuildIdentityArgs
from components.aws.image import AwsImage, AwsImageArgs
from components.aws.network import Network, NetworkArgs
from components.aws.policies import Scope
from components.bake import BakeArgs
from components.content import Wanted, regional_images
from components.publication import PublishPlan, preflight
from config.aws import Aws
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.aws import AwsTarget, SshTarget
from images.catalog import Variant
from images.storage import aws_bucket


def reach(stack: Stack, settings: Settings) -> Callable[[], list[pulumi.Output[contract.Image]]]:
    """Asks AWS for what has to be known of it; what is returned registers the stack's part of it.

    Raises NotReached without access to AWS.
    """
    chosen = settings.clouds.aws
    assert chosen is not None
    wanted = regional_images(stack, settings, chosen)
    home = provider(chosen)
    return partial(_images, stack, chosen, wanted, home, account_id(home))


def _images(
    stack: Stack, chosen: Aws, wanted: Sequence[Wanted], home: aws.Provider, account: str
) -> list[pulumi.Output[contract.Image]]:
    """Every variant of every release in every region."""
    opts = pulumi.ResourceOptions(provider=home)
    bucket = _bucket(stack, chosen, account, opts).name
    subnet = pulumi.Output.from_input(chosen.subnet or _network(stack, opts).subnet_id)
    _identity(stack, chosen, account, subnet, opts)
    plan = PublishPlan(
        stack=stack,
        names=[each.name for each in wanted],
        locations=chosen.regions,
        target=_target(chosen, bucket, subnet, chosen.first_variant),
    )
    prerequisites = [preflight("aws", plan), *_public_sharing(stack, chosen, opts)]
    return [
        AwsImage(
            each.resource_name,
            AwsImageArgs(
                bake=BakeArgs(each, target, prerequisites),
                target=target,
                account_id=account,
                home_region=chosen.home_region,
                regions=chosen.regions,
                parameters=chosen.parameters,
                expires=chosen.deprecate_after_days is not None,
                today=datetime.now(UTC).date(),
            ),
            opts,
        ).image
        for each in wanted
        for target in [_target(chosen, bucket, subnet, each.key.variant)]
    ]


def _bucket(stack: Stack, chosen: Aws, account: str, opts: pulumi.ResourceOptions) -> RecordsBucket:
    args = RecordsBucketArgs(
        name=aws_bucket(stack.name, account),
        stack=stack,
        over_tls=not (chosen.endpoint or "").startswith("http://"),
    )
    return RecordsBucket("aws-records", args, opts)


def _network(stack: Stack, opts: pulumi.ResourceOptions) -> Network:
    return Network("aws-network", NetworkArgs(stack), opts)


def _identity(
    stack: Stack,
    chosen: Aws,
    account: str,
    subnet: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    if chosen.github is None:
        return
    scope = Scope(
        stack=stack.name,
        account=account,
        home_region=chosen.home_region,
        regions=chosen.regions,
        bucket=aws_bucket(stack.name, account),
        public=stack.public,
        parameters=chosen.parameters,
        security_group=chosen.security_group,
        key_pair=chosen.ssh and chosen.ssh.key_pair,
    )
    args = BuildIdentityArgs(
        stack=stack,
        github=chosen.github,
        provider=chosen.github.provider,
        scope=scope,
        subnet=subnet,
    )
    role = BuildIdentity("aws-github", args, opts).role_arn
    pulumi.export("aws_role", role)


def _public_sharing(
    stack: Stack, chosen: Aws, opts: pulumi.ResourceOptions
) -> Iterator[pulumi.Resource]:
    """New accounts refuse to make any AMI public ("Block public access to your AMIs")."""
    if stack.public:
        kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=stack.protect))
        for region in chosen.regions:
            yield aws.ec2.ImageBlockPublicAccess(
                f"aws-{region}-sharing", state="unblocked", region=region, opts=kept
            )


def _target(
    chosen: Aws, bucket: pulumi.Output[str], subnet: pulumi.Output[str], variant: Variant
) -> pulumi.Output[AwsTarget]:
    own = chosen.variants[variant]

    def made(bucket: str, subnet: str) -> AwsTarget:
        return AwsTarget(
            region=chosen.home_region,
            endpoint=chosen.endpoint,
            source=chosen.source_of(variant),
            instance_type=chosen.instance_type,
            verify_instance_type=own.verify_instance_type or chosen.instance_type,
            volume_type=chosen.volume_type,
            subnet=subnet,
            security_group=chosen.security_group,
            ssh_from=chosen.ssh_from,
            ssh=chosen.ssh and SshTarget.model_validate(chosen.ssh.model_dump()),
            bucket=bucket,
            deprecate_after_days=chosen.deprecate_after_days,
        )

    return pulumi.Output.all(bucket, subnet).apply(lambda found: made(*found))
