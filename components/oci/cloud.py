"""Oracle Cloud: its prerequisites, and the images that are to be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
from pulumi_oci import Provider

from components.bake import BakeArgs
from components.content import Wanted, regional_images
from components.oci.account import (
    compartment_of_subnet,
    identity_provider,
    must_be_reached,
    namespace,
    providers,
)
from components.oci.identity import BuildGroup, BuildGroupArgs
from components.oci.image import OciImage, OciImageArgs
from components.oci.network import Network, NetworkArgs
from components.oci.permissions import Scope
from components.publication import PublishPlan, preflight
from config.oci import Oci
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.catalog import Variant
from images.errors import UserError
from images.oci import OciTarget


@dataclass(frozen=True)
class Found:
    """What Oracle has told: by region whom to ask, the namespace of buckets, and of the group,
    where the stack makes one, by whom it is made and the compartment that its machines are in the
    network of."""

    providers: Mapping[str, Provider]
    namespace: str
    identity: Provider | None
    network: str


def reach(stack: Stack, settings: Settings) -> Callable[[], list[pulumi.Output[contract.Image]]]:
    """Asks Oracle for what has to be known; what is returned registers the stack's part of it.

    Raises NotReached without access to the compartment, UserError where a public stack has no
    listing.
    """
    chosen = settings.clouds.oci
    assert chosen is not None
    if stack.public and chosen.listing is None:
        raise UserError(
            "dstack-images:clouds.oci.listing: a public stack is listed in Oracle's Marketplace, "
            "where servers look; say whom people ask for support. Whoever does agrees to Oracle's "
            "terms for publishers, see docs/oci.md"
        )
    wanted = regional_images(stack, settings, chosen)
    regional = providers(chosen)
    home = regional[chosen.home_region]
    must_be_reached(chosen, home)
    found = Found(
        regional,
        namespace(chosen, home),
        chosen.access and identity_provider(chosen.access, home),
        compartment_of_subnet(chosen, home) if chosen.access else chosen.compartment,
    )
    return partial(_images, stack, chosen, wanted, found)


def _images(
    stack: Stack, chosen: Oci, wanted: Sequence[Wanted], found: Found
) -> list[pulumi.Output[contract.Image]]:
    """Every variant of every release in every region."""
    opts = pulumi.ResourceOptions(provider=found.providers[chosen.home_region])
    subnet = pulumi.Output.from_input(chosen.subnet or _network(stack, chosen, opts).subnet)
    group = _group(stack, chosen, found)
    plan = PublishPlan(
        stack=stack,
        names=[each.name for each in wanted],
        locations=chosen.regions,
        target=_target(chosen, subnet, chosen.first_variant),
    )
    # It tries a copy between regions, which the group's policy allows.
    prerequisites = [preflight("oci", plan, group)]
    return [
        OciImage(
            each.resource_name,
            OciImageArgs(
                bake=BakeArgs(each, target, prerequisites),
                target=target,
                compartment=chosen.compartment,
                namespace=found.namespace,
                bucket=chosen.bucket,
                home_region=chosen.home_region,
                regions=chosen.regions,
                providers=found.providers,
                listing=chosen.listing if stack.public else None,
            ),
            opts,
        ).image
        for each in wanted
        for target in [_target(chosen, subnet, each.key.variant)]
    ]


def _network(stack: Stack, chosen: Oci, opts: pulumi.ResourceOptions) -> Network:
    args = NetworkArgs(stack, compartment=chosen.compartment, ssh_from=chosen.ssh_from)
    return Network("oci-network", args, opts)


def _group(stack: Stack, chosen: Oci, found: Found) -> list[BuildGroup]:
    """The group of `access`, if that is configured."""
    if chosen.access is None:
        return []
    scope = Scope(
        group=chosen.access.group,
        compartment=chosen.compartment,
        network=found.network,
        bucket=chosen.bucket,
        regions=list(dict.fromkeys([chosen.home_region, *chosen.regions])),
        public=stack.public,
    )
    args = BuildGroupArgs(stack, chosen.access.tenancy, scope)
    group = BuildGroup("oci-baker", args, pulumi.ResourceOptions(provider=found.identity))
    pulumi.export("oci_group", group.group)
    return [group]


def _target(chosen: Oci, subnet: pulumi.Output[str], variant: Variant) -> pulumi.Output[OciTarget]:
    own = chosen.variants[variant]

    def made(subnet: str) -> OciTarget:
        return OciTarget(
            region=chosen.home_region,
            compartment=chosen.compartment,
            availability_domain=chosen.availability_domain,
            subnet=subnet,
            source=chosen.source_of(variant),
            shape=chosen.shape,
            verify_shape=own.verify_shape or chosen.shape,
            bucket=chosen.bucket,
        )

    return subnet.apply(made)
