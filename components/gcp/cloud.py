"""Google Cloud: its prerequisites, and the images that are to be."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pulumi
from pulumi_gcp import Provider

from components.bake import BakeArgs
from components.content import Wanted, regional_images
from components.gcp.account import must_be_reached, provider
from components.gcp.bucket import RecordsBucket, RecordsBucketArgs
from components.gcp.federation import Federation, FederationArgs
from components.gcp.identity import BuildIdentity, BuildIdentityArgs
from components.gcp.image import GcpImage, GcpImageArgs
from components.gcp.network import Network, NetworkArgs
from components.gcp.permissions import Scope
from components.gcp.services import Services, ServicesArgs
from components.publication import PublishPlan, preflight
from config.gcp import Gcp
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.catalog import ImageKey, Variant
from images.gcp import GcpTarget
from images.labels import label
from images.naming import checked
from images.storage import gcp_bucket


def reach(stack: Stack, settings: Settings) -> Callable[[], list[pulumi.Output[contract.Image]]]:
    """Asks for the project; what is returned registers the stack's part of it.

    Raises NotReached without access to the project.
    """
    chosen = settings.clouds.gcp
    assert chosen is not None
    wanted = regional_images(stack, settings, chosen)
    home = provider(chosen)
    must_be_reached(chosen, home)
    return partial(_images, stack, chosen, wanted, home)


def _images(
    stack: Stack, chosen: Gcp, wanted: Sequence[Wanted], home: Provider
) -> list[pulumi.Output[contract.Image]]:
    """Every variant of every release."""
    services = Services(
        "gcp-services", ServicesArgs(chosen.project), pulumi.ResourceOptions(provider=home)
    )
    opts = pulumi.ResourceOptions(provider=home, depends_on=[services])
    bucket = _bucket(stack, chosen, opts).name
    subnet = pulumi.Output.from_input(chosen.subnet or _network(stack, chosen, opts).subnet)
    _identity(stack, chosen, bucket, opts)

    plan = PublishPlan(
        stack=stack,
        names=[each.name for each in wanted],
        locations=[chosen.project],
        families=sorted({_family(chosen, each) for each in wanted}),
        target=_target(chosen, bucket, subnet, chosen.first_variant),
    )
    prerequisites = [services, preflight("gcp", plan)]
    made: dict[tuple[str, ImageKey], GcpImage] = {}
    # What stays comes first: what goes has it for a replacement.
    for each in sorted(wanted, key=lambda each: each.standing == "retiring"):
        target = _target(chosen, bucket, subnet, each.key.variant)
        made[each.release, each.key] = GcpImage(
            each.resource_name,
            GcpImageArgs(
                bake=BakeArgs(each, target, prerequisites),
                target=target,
                project=chosen.project,
                family=_family(chosen, each),
                replacement=_replacement(each, made),
                storage_location=chosen.storage_location,
            ),
            pulumi.ResourceOptions(provider=home),
        )
    return [made[each.release, each.key].image for each in wanted]


def _family(chosen: Gcp, wanted: Wanted) -> str:
    return checked("gcp", f"{wanted.stack.prefix}{chosen.family(wanted.key.variant)}")


def _replacement(wanted: Wanted, made: Mapping[tuple[str, ImageKey], GcpImage]) -> GcpImage | None:
    """Return the current release's image of the same kind, for a release that retires."""
    if wanted.standing != "retiring":
        return None
    return made[wanted.stack.current, wanted.key]


def _bucket(stack: Stack, chosen: Gcp, opts: pulumi.ResourceOptions) -> RecordsBucket:
    args = RecordsBucketArgs(
        name=gcp_bucket(stack.name, chosen.project),
        stack=stack,
        location=chosen.storage_location,
    )
    return RecordsBucket("gcp-records", args, opts)


def _network(stack: Stack, chosen: Gcp, opts: pulumi.ResourceOptions) -> Network:
    args = NetworkArgs(name=f"dstack-images-{label(stack.name)}", region=chosen.region)
    return Network("gcp-network", args, opts)


def _identity(
    stack: Stack, chosen: Gcp, bucket: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    if chosen.github is None:
        return
    scope = Scope(
        project=chosen.project,
        names=_beginnings(chosen, stack.prefix),
        sources=[chosen.source_of(variant) for variant in chosen.variants],
        public=stack.public,
    )
    args = BuildIdentityArgs(
        stack=stack,
        scope=scope,
        bucket=bucket,
        iap=chosen.subnet is None,
    )
    baker = BuildIdentity("gcp-baker", args, opts)
    pulumi.export("gcp_service_account", baker.email)
    federation = FederationArgs(
        stack=stack,
        github=chosen.github,
        account=baker.account,
    )
    pulumi.export("gcp_provider", Federation("gcp-github", federation, opts).provider)


def _beginnings(chosen: Gcp, prefix: str) -> Sequence[str]:
    """How names of the stack's images begin, without releases: a new one needs no new rights."""
    others = [name for own in chosen.variants.values() for name in own.names.values()]
    return [f"{prefix}{name}" for name in (f"{ImageKey('gcp', 'cpu').stem}-", *others)]


def _target(
    chosen: Gcp, bucket: pulumi.Output[str], subnet: pulumi.Output[str], variant: Variant
) -> pulumi.Output[GcpTarget]:
    own = chosen.variants[variant]

    def made(bucket: str, subnet: str) -> GcpTarget:
        return GcpTarget(
            project=chosen.project,
            zone=chosen.zone,
            endpoint=chosen.endpoint,
            source=chosen.source_of(variant),
            machine_type=chosen.machine_type,
            verify_machine_type=own.verify_machine_type or chosen.machine_type,
            subnet=subnet,
            iap=chosen.subnet is None,
            storage_location=chosen.storage_location,
            bucket=bucket,
        )

    return pulumi.Output.all(bucket, subnet).apply(lambda found: made(*found))
