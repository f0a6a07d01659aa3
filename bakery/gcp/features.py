"""Features of a guest that a published image can be given."""

from collections.abc import Iterable

#: What Pulumi's provider knows (google_compute_image, `guest_os_features`); Compute Engine has
#: more, and they come first to images of Ubuntu's.
KNOWN = frozenset(
    {
        *("MULTI_IP_SUBNET", "SECURE_BOOT", "SEV_CAPABLE", "UEFI_COMPATIBLE", "WINDOWS"),
        *("VIRTIO_SCSI_MULTIQUEUE", "GVNIC", "IDPF", "SEV_LIVE_MIGRATABLE", "SEV_SNP_CAPABLE"),
        *("SUSPEND_RESUME_COMPATIBLE", "TDX_CAPABLE", "SEV_LIVE_MIGRATABLE_V2"),
        "SNP_SVSM_CAPABLE",
    }
)


def unknown(features: Iterable[str]) -> list[str]:
    """Return the features that no published image could have."""
    return sorted(set(features) - KNOWN)
