"""Google Cloud: its prerequisites, and the images that are to be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi

from components.bake import BakeArgs
from components.content import PROJECT, Content, contents
from components.gcp.account import must_be_reached, provider
from components.gcp.bucket import RecordsBucket, RecordsBucketArgs
from components.gcp.federation import Federation, FederationArgs
from components.gcp.identity import BuildIdentity, BuildIdentityArgs
from components.gcp.image import GcpImage, GcpImageArgs
from components.gcp.network import Network, NetworkArgs
from components.gcp.permissions import Scope
from components.gcp.services import Services, ServicesArgs
from components.publication import PublishPlan, preflight
from config.gcp import A3Mega, Gcp
from config.settings import Settings
from images import contract
from images.catalog import STEMS, Variant
from images.errors import UserError
from images.labels import label
from images.naming import checked, image_name
from images.targets import GcpTarget


@dataclass(frozen=True)
class _Wanted:
    """One image that is to be: whose content, under which names."""

    release: str
    content: Content
    name: str
    family: str

    @property
    def variant(self) -> Variant:
        return self.content.entry.variant


def images(settings: Settings) -> Iterator[pulumi.Output[contract.Image]]:
    """Every variant of every release. Raises UserError without access to the project."""
    chosen = settings.clouds.gcp
    assert chosen is not None
    _must_be_older(chosen, settings)
    wanted = list(_wanted(settings, chosen))
    home = provider(chosen)
    must_be_reached(chosen, home)
    services = Services(
        "gcp-services", ServicesArgs(chosen.project), pulumi.ResourceOptions(provider=home)
    )
    opts = pulumi.ResourceOptions(provider=home, depends_on=[services])
    bucket = _bucket(chosen, settings, opts).name
    subnet = pulumi.Output.from_input(chosen.subnet or _network(chosen, opts).subnet)
    _identity(chosen, bucket, settings, opts)

    plan = PublishPlan(
        names=[each.name for each in wanted],
        locations=[chosen.project],
        families=sorted({each.family for each in wanted}),
        public=settings.visibility == "public",
        target=_target(chosen, bucket, subnet, wanted[0].content),
    )
    prerequisites = [services, preflight("gcp", plan)]
    for each in wanted:
        target = _target(chosen, bucket, subnet, each.content)
        yield GcpImage(
            f"gcp-{each.variant}-{each.release}",
            GcpImageArgs(
                bake=BakeArgs.of(settings, each.content, target, after=prerequisites),
                target=target,
                name=each.name,
                version=each.release,
                prefix=settings.prefix,
                project=chosen.project,
                family=each.family,
                replacement=_replacement(each, wanted, settings, chosen),
                storage_location=chosen.storage_location,
                public=settings.visibility == "public",
                protect=settings.immutable,
            ),
            pulumi.ResourceOptions(provider=home),
        ).image


def _wanted(settings: Settings, chosen: Gcp) -> Iterator[_Wanted]:
    """Raises NameRefused for a name that Compute Engine would not take."""
    for part in _parts(chosen):
        own = part.a3mega if part.variants == ["a3mega"] else None
        for release, content in contents(
            PROJECT,
            settings,
            part,
            source=own.source if own else part.source,
            prepull=own.prepull if own else settings.prepull,
        ):
            variant = content.entry.variant
            yield _Wanted(
                release=release,
                content=content,
                name=_name(own, variant, release, settings.prefix),
                family=checked("gcp", f"{settings.prefix}{chosen.family(variant)}"),
            )


def _parts(chosen: Gcp) -> Iterator[Gcp]:
    """The settings with what starts from the same source: A3 Mega is apart."""
    others: list[Variant] = [variant for variant in chosen.variants if variant != "a3mega"]
    if others:
        yield chosen.model_copy(update={"variants": others})
    if chosen.a3mega and "a3mega" in chosen.variants:
        update = {"variants": ["a3mega"], "disk_gb": chosen.a3mega.disk_gb}
        yield chosen.model_copy(update=update)


def _name(own: A3Mega | None, variant: Variant, release: str, prefix: str) -> str:
    if own and release in own.names:
        return checked("gcp", f"{prefix}{own.names[release]}")
    return image_name("gcp", variant, release, prefix)


def _replacement(
    retiring: _Wanted, wanted: Sequence[_Wanted], settings: Settings, chosen: Gcp
) -> str | None:
    """The current release's image of the same variant, for a release that is deprecated."""
    if retiring.release not in chosen.deprecated:
        return None
    (current,) = (
        each.name
        for each in wanted
        if (each.release, each.variant) == (settings.current, retiring.variant)
    )
    return current


def _must_be_older(chosen: Gcp, settings: Settings) -> None:
    older = settings.releases[:-1]
    if wrong := [release for release in chosen.deprecated if release not in older]:
        raise UserError(
            f"dstack-images:clouds.gcp.deprecated: {', '.join(wrong)}: only releases of the stack "
            f"before the current one can retire; allowed: {', '.join(older) or 'none'}"
        )


def _bucket(chosen: Gcp, settings: Settings, opts: pulumi.ResourceOptions) -> RecordsBucket:
    stack = pulumi.get_stack()
    args = RecordsBucketArgs(
        name=f"dstack-images-{label(stack)}-{chosen.project}",
        stack=stack,
        location=chosen.storage_location,
        protect=settings.immutable,
    )
    return RecordsBucket("gcp-records", args, opts)


def _network(chosen: Gcp, opts: pulumi.ResourceOptions) -> Network:
    args = NetworkArgs(name=f"dstack-images-{label(pulumi.get_stack())}", region=chosen.region)
    return Network("gcp-network", args, opts)


def _identity(
    chosen: Gcp, bucket: pulumi.Output[str], settings: Settings, opts: pulumi.ResourceOptions
) -> None:
    stack = pulumi.get_stack()
    scope = Scope(
        project=chosen.project,
        zone=chosen.zone,
        names=_beginnings(chosen, settings.prefix),
        public=settings.visibility == "public",
    )
    args = BuildIdentityArgs(
        stack=stack,
        scope=scope,
        bucket=bucket,
        iap=chosen.subnet is None,
        protect=settings.immutable,
    )
    baker = BuildIdentity("gcp-baker", args, opts)
    pulumi.export("gcp_service_account", baker.email)
    if chosen.github is not None:
        federation = FederationArgs(
            stack=stack,
            github=chosen.github,
            account=baker.account,
            protect=settings.immutable,
        )
        pulumi.export("gcp_provider", Federation("gcp-github", federation, opts).provider)


def _beginnings(chosen: Gcp, prefix: str) -> Sequence[str]:
    """How names of the stack's images begin, without releases: a new one needs no new rights."""
    others = chosen.a3mega.names.values() if chosen.a3mega else ()
    return [f"{prefix}{name}" for name in (f"{STEMS['cpu']}-", *others)]


def _target(
    chosen: Gcp, bucket: pulumi.Output[str], subnet: pulumi.Output[str], content: Content
) -> pulumi.Output[GcpTarget]:
    def made(bucket: str, subnet: str) -> GcpTarget:
        return GcpTarget(
            project=chosen.project,
            zone=chosen.zone,
            endpoint=chosen.endpoint,
            source=content.source,
            machine_type=chosen.machine_type,
            verify_machine_type=chosen.verify_machine_types.get(
                content.entry.variant, chosen.machine_type
            ),
            subnet=subnet,
            iap=chosen.subnet is None,
            storage_location=chosen.storage_location,
            bucket=bucket,
        )

    return pulumi.Output.all(bucket, subnet).apply(lambda found: made(*found))
