"""Azure: its prerequisites, and the images that are to be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import pulumi

from components.azure.account import Subscription, directory, subscription
from components.azure.gallery import Gallery, GalleryArgs
from components.azure.gallery_image import PublicArgs
from components.azure.group import Group, GroupArgs
from components.azure.identity import BuildIdentity, BuildIdentityArgs, Scope
from components.azure.image import AzureImage, AzureImageArgs
from components.azure.ownership import Ownership, claim_gallery, claim_groups
from components.azure.previous import previous_publication
from components.azure.records import Records, RecordsArgs
from components.bake import BakeArgs
from components.command import Credentials
from components.content import Wanted, regional_images
from components.publication import PublishPlan, preflight
from config.azure import VERIFIES, Azure
from config.settings import Settings
from config.stack import Stack
from images import contract
from images.azure import AzureTarget
from images.catalog import Variant
from images.errors import UserError
from images.storage import azure_account


@dataclass(frozen=True)
class Found:
    """What Azure has told: the subscription, and who owns the groups and the gallery there."""

    of: Subscription
    groups: Mapping[str, Ownership]
    gallery: Ownership | None


def reach(stack: Stack, settings: Settings) -> Callable[[], list[pulumi.Output[contract.Image]]]:
    """Asks Azure for what has to be known; what is returned registers the stack's part of it.

    Raises NotReached without access to the subscription, UserError for what the stack cannot have.
    """
    chosen = settings.clouds.azure
    assert chosen is not None
    wanted = regional_images(stack, settings, chosen)
    name = _gallery_name(chosen) if stack.public else None
    of = subscription(chosen)
    gallery = claim_gallery(name, stack, chosen, of) if name else None
    return partial(
        _images, stack, chosen, wanted, Found(of, claim_groups(stack, chosen, of), gallery)
    )


def _images(
    stack: Stack, chosen: Azure, wanted: Sequence[Wanted], found: Found
) -> list[pulumi.Output[contract.Image]]:
    """Every variant of every release."""
    of, gallery = found.of, found.gallery
    opts = pulumi.ResourceOptions(provider=of.provider)
    groups = [
        Group(f"azure-{name}", GroupArgs(stack, claim), opts)
        for name, claim in found.groups.items()
    ]
    records = _records(stack, chosen, of, groups, opts)
    baker = _baker(stack, chosen, of, records, groups)
    credentials = _acting(baker.environment) if baker and chosen.client_secret else None

    def target(variant: Variant) -> pulumi.Output[AzureTarget]:
        return _target(stack, chosen, of, records, baker, gallery, variant)

    plan = PublishPlan(
        stack=stack,
        names=[each.name for each in wanted],
        locations=[gallery.name, *chosen.regions] if gallery else [chosen.resource_group],
        target=target(chosen.first_variant),
        credentials=credentials,
    )
    prerequisites = [preflight("azure", plan), *groups]
    shown = _public(chosen, gallery, plan, wanted, prerequisites, opts) if gallery else None
    return [
        AzureImage(
            each.resource_name,
            AzureImageArgs(
                bake=BakeArgs(each, there, prerequisites, credentials),
                target=there,
                credentials=credentials,
                subscription=of.id,
                publication=chosen.resource_group,
                location=chosen.location,
                public=shown,
            ),
            opts,
        ).image
        for each in wanted
        for there in [target(each.key.variant)]
    ]


def _acting(environment: Credentials) -> Credentials:
    """Also under the names that count: what Pulumi itself acts as has the same ones."""
    arm = {f"ARM_{name.removeprefix('AZURE_')}": value for name, value in environment.items()}
    return {**environment, **arm}


def _gallery_name(chosen: Azure) -> str:
    """The one of public images. Raises UserError where the configuration does not do for them."""
    key = "dstack-images:clouds.azure"
    if chosen.gallery is None:
        raise UserError(f"{key}.gallery is missing: public images are in a gallery")
    if chosen.location not in chosen.regions:
        raise UserError(f"{key}.regions must have {chosen.location}, where the gallery is")
    if chosen.gallery not in chosen.adopt and chosen.community is None:
        raise UserError(
            f"{key}.community is missing: the stack makes the gallery {chosen.gallery}, and Azure "
            f"wants to know what everyone reads of it. To use an existing gallery, add it to "
            f"{key}.adopt"
        )
    return chosen.gallery


def _records(
    stack: Stack,
    chosen: Azure,
    of: Subscription,
    groups: Sequence[Group],
    opts: pulumi.ResourceOptions,
) -> Records:
    args = RecordsArgs(
        stack=stack,
        subscription=of,
        account=azure_account(stack.name, of.id),
        group=groups[0].name,
        location=chosen.location,
        operators=chosen.operators,
    )
    return Records("azure-records", args, opts)


def _baker(
    stack: Stack,
    chosen: Azure,
    of: Subscription,
    records: Records,
    groups: Sequence[Group],
) -> BuildIdentity | None:
    if chosen.github is None and chosen.client_secret is None:
        return None
    scope = Scope(
        subscription=of,
        group=chosen.packer_group,
        build_group=chosen.builds_in,
        publication=chosen.resource_group,
        public=stack.public,
        whole=chosen.scope == "subscription",
    )
    args = BuildIdentityArgs(
        stack=stack,
        scope=scope,
        records=records.account_id,
        github=chosen.github,
        rotate_after_days=chosen.client_secret and chosen.client_secret.rotate_after_days,
        today=datetime.now(UTC).date(),
    )
    providers: list[pulumi.ProviderResource] = [of.provider, directory(chosen, of)]
    opts = pulumi.ResourceOptions(providers=providers, depends_on=list(groups))
    baker = BuildIdentity("azure-baker", args, opts)
    for variable, value in baker.environment.items():
        pulumi.export(variable, value)
    return baker


def _public(
    chosen: Azure,
    claim: Ownership,
    plan: PublishPlan,
    wanted: Sequence[Wanted],
    prerequisites: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> PublicArgs:
    args = GalleryArgs(
        stack=plan.stack,
        claim=claim,
        group=chosen.resource_group,
        location=chosen.location,
        community=chosen.community,
        target=plan.target,
    )
    waits = pulumi.ResourceOptions.merge(
        opts, pulumi.ResourceOptions(depends_on=list(prerequisites))
    )
    gallery = Gallery("azure-gallery", args, waits)
    return PublicArgs(
        gallery=claim.name,
        public_name=gallery.public_name,
        replicas={region: chosen.replicas.get(region, 1) for region in chosen.regions},
        end_of_life_days=chosen.end_of_life_days,
        retires={each.name: each.retires for each in wanted if each.retires},
        after=gallery.shared,
        previous=previous_publication(plan.stack),
        today=datetime.now(UTC).date(),
    )


def _target(
    stack: Stack,
    chosen: Azure,
    of: Subscription,
    records: Records,
    baker: BuildIdentity | None,
    gallery: Ownership | None,
    variant: Variant,
) -> pulumi.Output[AzureTarget]:
    """Known once whoever bakes may do so."""

    own = chosen.variants[variant]

    def made(container: str) -> AzureTarget:
        return AzureTarget(
            subscription=of.id,
            tenant=of.tenant,
            location=chosen.location,
            endpoint=chosen.endpoint,
            group=chosen.packer_group,
            build_group=chosen.builds_in,
            publication=chosen.resource_group,
            gallery=gallery and gallery.name,
            public_name=chosen.public_name,
            source=chosen.source_of(variant),
            vm_size=chosen.vm_size,
            verify_vm_size=own.verify_vm_size or VERIFIES,
            ssh_from=chosen.ssh_from,
            account=azure_account(stack.name, of.id),
            container=container,
            fresh_identity=chosen.client_secret is not None,
        )

    ready = baker.ready if baker else True
    return pulumi.Output.all(records.container, ready).apply(lambda found: made(str(found[0])))
