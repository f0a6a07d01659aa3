"""What a variant takes on Oracle Cloud: machines, disks, and how often an image is kept."""

from config.oci import Oci
from images.catalog import Variant
from ops.takes import Takes


def takes(chosen: Oci, variant: Variant) -> Takes:
    """An image in each region, home too; content is one, and the object exported of it."""
    return Takes(
        machine=chosen.shape,
        verify_machine=chosen.variants[variant].verify_shape or chosen.shape,
        disk_gb=chosen.disk_gb_of(variant),
        kept=len(chosen.regions),
        content=2,
        sent=len(set(chosen.regions) - {chosen.home_region}),
    )
