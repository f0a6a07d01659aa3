"""What a variant takes on Azure: machines, disks, and how often an image is kept."""

from config.azure import VERIFIES, Azure
from images.catalog import Variant
from ops.takes import Takes


def takes(chosen: Azure, variant: Variant, *, public: bool) -> Takes:
    """Copies of a version in each region, or a managed image; content is one, with a snapshot."""
    copies = sum(chosen.replicas.get(region, 1) for region in chosen.regions)
    return Takes(
        machine=chosen.vm_size,
        verify_machine=chosen.variants[variant].verify_vm_size or VERIFIES,
        disk_gb=chosen.disk_gb_of(variant),
        kept=copies if public else 1,
        content=2,
        sent=len(set(chosen.regions) - {chosen.location}) if public else 0,
    )
