"""What a variant takes on Google Cloud: machines, disks, and how often an image is kept."""

from config.gcp import Gcp
from images.catalog import Variant
from ops.takes import Takes


def takes(chosen: Gcp, variant: Variant) -> Takes:
    """Images are global: one for each release, and the content."""
    return Takes(
        machine=chosen.machine_type,
        verify_machine=chosen.variants[variant].verify_machine_type or chosen.machine_type,
        disk_gb=chosen.disk_gb_of(variant),
        kept=1,
        content=1,
        sent=0,
    )
