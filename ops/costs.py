"""What a stack costs: once for bakes and copies, and each month for what is kept.

An upper bound. Releases whose scripts and settings are the same share one bake, so a bake of
each variant is counted; clouds charge for what of a disk was written, and its size is counted.
"""

from collections.abc import Iterator

from config.settings import Settings
from images.catalog import Cloud
from images.errors import UserError
from images.record import Fact
from ops.clouds import takes
from ops.prices import CloudPrices, Prices
from ops.takes import Takes

_HOURS_A_MONTH = 730.0


class Cost(Fact):
    """What one image of a cloud costs; `monthly` is for all of its releases together."""

    cloud: str
    variant: str
    bake: float
    copies: float
    monthly: float

    @property
    def once(self) -> float:
        """Return what the image costs until it is published."""
        return self.bake + self.copies


def costs(settings: Settings, prices: Prices, minutes: float | None) -> Iterator[Cost]:
    """Return what each image costs.

    `minutes` is how long a bake and a verification take each; without it, the stack's limit of time
    is. Raises UserError for what has no price.
    """
    hours = (settings.time_limit_minutes if minutes is None else minutes) / 60
    for cloud, chosen in settings.clouds.selected().items():
        if cloud == "local" or not settings.releases:
            continue
        of_cloud = prices.of(cloud)
        for variant in chosen.variants:
            taken = takes(settings, cloud, variant)
            yield Cost(
                cloud=cloud,
                variant=variant,
                bake=_bake(taken, of_cloud, cloud, hours, verify=settings.verify),
                copies=taken.sent * taken.disk_gb * of_cloud.transfer,
                monthly=(taken.content + taken.kept * len(settings.releases))
                * taken.disk_gb
                * of_cloud.image,
            )


def _bake(taken: Takes, prices: CloudPrices, cloud: Cloud, hours: float, *, verify: bool) -> float:
    machines = [taken.machine, *([taken.verify_machine] if verify else [])]
    if missing := sorted(set(machines) - set(prices.machines)):
        raise UserError(
            f"the file of prices has none of {cloud}'s {', '.join(missing)}; add it to a copy of "
            "the file, and give that with --prices"
        )
    disks = len(machines) * taken.disk_gb * prices.disk / _HOURS_A_MONTH
    return hours * (sum(prices.machines[machine] for machine in machines) + disks)
