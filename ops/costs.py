"""What a stack costs: once for bakes and copies, and each month for what is kept.

An upper bound. Releases whose scripts and settings are the same share one bake, so that a bake of
each variant is counted; clouds charge for what of a disk was written, and its size is counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from config.aws import Aws
from config.azure import VERIFIES, Azure
from config.gcp import Gcp
from config.oci import Oci
from config.settings import Settings
from images.catalog import Cloud, Variant
from images.errors import UserError
from images.record import Fact
from ops.prices import CloudPrices, Prices

_HOURS_A_MONTH = 730.0


class Cost(Fact):
    """Of one image of a cloud; `monthly` is of all of its releases together."""

    cloud: str
    variant: str
    bake: float
    copies: float
    monthly: float

    @property
    def once(self) -> float:
        """Until it is published."""
        return self.bake + self.copies


@dataclass(frozen=True)
class _Plan:
    """What one variant takes: machines, its disk, and how often an image of it is kept.

    `kept` is of each release, `content` of the bake; `sent` is how many regions get a copy.
    """

    machine: str
    verify_machine: str
    disk_gb: int
    kept: int
    content: int
    sent: int


def costs(settings: Settings, prices: Prices, minutes: float | None) -> Iterator[Cost]:
    """Of every image. `minutes` is how long a bake and a verification take each; without it, the
    stack's limit of time is. Raises UserError for what has no price.
    """
    hours = (settings.time_limit_minutes if minutes is None else minutes) / 60
    for cloud, chosen in settings.clouds.selected().items():
        if cloud == "local":
            continue
        of_cloud = prices.of(cloud)
        for variant in chosen.variants:
            plan = _plan(settings, cloud, variant)
            yield Cost(
                cloud=cloud,
                variant=variant,
                bake=_bake(plan, of_cloud, cloud, hours, verify=settings.verify),
                copies=plan.sent * plan.disk_gb * of_cloud.transfer,
                monthly=(plan.content + plan.kept * len(settings.releases))
                * plan.disk_gb
                * of_cloud.image,
            )


def _bake(plan: _Plan, prices: CloudPrices, cloud: Cloud, hours: float, *, verify: bool) -> float:
    machines = [plan.machine, *([plan.verify_machine] if verify else [])]
    if missing := sorted(set(machines) - set(prices.machines)):
        raise UserError(
            f"the file of prices has none of {cloud}'s {', '.join(missing)}; add it to a copy of "
            "the file, and give that with --prices"
        )
    disks = len(machines) * plan.disk_gb * prices.disk / _HOURS_A_MONTH
    return hours * (sum(prices.machines[machine] for machine in machines) + disks)


def _plan(settings: Settings, cloud: Cloud, variant: Variant) -> _Plan:
    clouds, public = settings.clouds, settings.visibility == "public"
    match cloud:
        case "aws":
            assert clouds.aws
            return _aws(clouds.aws, variant)
        case "azure":
            assert clouds.azure
            return _azure(clouds.azure, variant, public=public)
        case "gcp":
            assert clouds.gcp
            return _gcp(clouds.gcp, variant)
        case "oci":
            assert clouds.oci
            return _oci(clouds.oci, variant)
        case "local":
            raise UserError("images of this machine cost nothing but its disk")


def _aws(chosen: Aws, variant: Variant) -> _Plan:
    """A copy in each region, and the content in the home region."""
    return _Plan(
        machine=chosen.instance_type,
        verify_machine=chosen.variants[variant].verify_instance_type or chosen.instance_type,
        disk_gb=chosen.disk_gb_of(variant),
        kept=len(chosen.regions),
        content=1,
        sent=len(set(chosen.regions) - {chosen.home_region}),
    )


def _azure(chosen: Azure, variant: Variant, *, public: bool) -> _Plan:
    """Copies of a version in each region, or a managed image; content is one, with a snapshot."""
    copies = sum(chosen.replicas.get(region, 1) for region in chosen.regions)
    return _Plan(
        machine=chosen.vm_size,
        verify_machine=chosen.variants[variant].verify_vm_size or VERIFIES,
        disk_gb=chosen.disk_gb_of(variant),
        kept=copies if public else 1,
        content=2,
        sent=len(set(chosen.regions) - {chosen.location}) if public else 0,
    )


def _gcp(chosen: Gcp, variant: Variant) -> _Plan:
    """Images are global: one for each release, and the content."""
    return _Plan(
        machine=chosen.machine_type,
        verify_machine=chosen.variants[variant].verify_machine_type or chosen.machine_type,
        disk_gb=chosen.disk_gb_of(variant),
        kept=1,
        content=1,
        sent=0,
    )


def _oci(chosen: Oci, variant: Variant) -> _Plan:
    """An image in each region, home too; content is one, and the object exported of it."""
    return _Plan(
        machine=chosen.shape,
        verify_machine=chosen.variants[variant].verify_shape or chosen.shape,
        disk_gb=chosen.disk_gb_of(variant),
        kept=len(chosen.regions),
        content=2,
        sent=len(set(chosen.regions) - {chosen.home_region}),
    )
