"""What a variant takes on AWS: machines, disks, and how often an image is kept."""

from config.aws import Aws
from images.catalog import Variant
from ops.takes import Takes


def takes(chosen: Aws, variant: Variant) -> Takes:
    """A copy in each region, and the content in the home region."""
    return Takes(
        machine=chosen.instance_type,
        verify_machine=chosen.variants[variant].verify_instance_type or chosen.instance_type,
        disk_gb=chosen.disk_gb_of(variant),
        kept=len(chosen.regions),
        content=1,
        sent=len(set(chosen.regions) - {chosen.home_region}),
    )
