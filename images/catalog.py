"""Every variant of every cloud, as data: its name, its steps in order, its checks."""

from dataclasses import dataclass
from typing import Literal, get_args

Cloud = Literal["local", "aws", "azure", "gcp", "oci"]
Variant = Literal["cpu", "cuda", "grid", "a3mega"]

CLOUDS: tuple[Cloud, ...] = get_args(Cloud)

#: Name of an image without prefix and version; the server asks for exactly these.
STEMS: dict[Variant, str] = {
    "cpu": "dstack",
    "cuda": "dstack-cuda",
    "grid": "dstack-grid",
    "a3mega": "dstack-a3mega",
}

#: The step that restarts the machine. Packer has to expect the lost connection there.
REBOOT = "reboot"
#: The last step with a working login: what follows only removes traces.
INVENTORY = "inventory"

_BASICS = ("await-cloud-init", "apt-quiet", "apt-upgrade", "packages", "kernel-tuning")
_END = ("prepull", INVENTORY, "clean")

_CPU = (*_BASICS, REBOOT, "rebooted", "docker", *_END)
_CUDA = (*_BASICS, REBOOT, "rebooted", "docker", "cuda", "container-toolkit", *_END)
_GRID = (
    *_BASICS,
    "grid-kernel",
    REBOOT,
    "rebooted",
    "docker",
    "grid-driver",
    "container-toolkit",
    *_END,
)
# The base of A3 Mega comes with kernel, driver and Docker matched by hand: no upgrade here.
_A3MEGA = ("await-cloud-init", "apt-quiet", "a3mega", REBOOT, "rebooted", *_END)
_AZURE = ("azure-deprovision",)

_CHECKS_CPU = (
    "boot",
    "login-user",
    "docker",
    "prepulled-images",
    "tools",
    "held",
    "quiet",
    "sysctl",
    "firewall-ready",
    "fresh-identity",
)
_CHECKS_GPU = (*_CHECKS_CPU, "kernel-module", "gpu-tools")
# Google's image keeps its own kernel settings, packages and firewall.
_CHECKS_A3MEGA = ("boot", "login-user", "docker", "prepulled-images", "quiet", "fresh-identity")


@dataclass(frozen=True)
class Entry:
    """One image that can be made."""

    cloud: Cloud
    variant: Variant
    steps: tuple[str, ...]
    checks: tuple[str, ...]

    @property
    def prepare(self) -> tuple[str, ...]:
        """Steps before the restart."""
        return self.steps[: self.steps.index(REBOOT)]

    @property
    def install(self) -> tuple[str, ...]:
        """Steps from the restart up to the inventory, which is taken off the machine then."""
        return self.steps[self.steps.index(REBOOT) + 1 : self.steps.index(INVENTORY) + 1]

    @property
    def seal(self) -> tuple[str, ...]:
        """Steps after the inventory."""
        return self.steps[self.steps.index(INVENTORY) + 1 :]


CATALOG: tuple[Entry, ...] = (
    Entry("local", "cpu", _CPU, _CHECKS_CPU),
    Entry("local", "cuda", _CUDA, _CHECKS_GPU),
    Entry("local", "grid", _GRID, _CHECKS_GPU),
    Entry("aws", "cpu", _CPU, _CHECKS_CPU),
    Entry("aws", "cuda", _CUDA, _CHECKS_GPU),
    Entry("azure", "cpu", _CPU + _AZURE, _CHECKS_CPU),
    Entry("azure", "cuda", _CUDA + _AZURE, _CHECKS_GPU),
    Entry("azure", "grid", _GRID + _AZURE, _CHECKS_GPU),
    Entry("gcp", "cpu", _CPU, _CHECKS_CPU),
    Entry("gcp", "cuda", _CUDA, _CHECKS_GPU),
    Entry("gcp", "a3mega", _A3MEGA, _CHECKS_A3MEGA),
    Entry("oci", "cpu", _CPU, _CHECKS_CPU),
    Entry("oci", "cuda", _CUDA, _CHECKS_GPU),
)

#: Released images that nothing here builds and nothing here may remove: pre-Turing GPUs boot
#: them, and their Ubuntu 22.04 with driver 535 cannot be made again (dstack thread #2799).
PROTECTED_VERSIONS: frozenset[str] = frozenset({"0.10"})


def variants(cloud: Cloud) -> tuple[Variant, ...]:
    """Variants that exist for a cloud, in the catalog's order."""
    return tuple(entry.variant for entry in CATALOG if entry.cloud == cloud)


def entry(cloud: Cloud, variant: Variant) -> Entry:
    """The catalog's entry. Raises LookupError where the cloud has no such variant."""
    for candidate in CATALOG:
        if (candidate.cloud, candidate.variant) == (cloud, variant):
            return candidate
    raise LookupError(f"{cloud} has no variant {variant}; it has {', '.join(variants(cloud))}")
