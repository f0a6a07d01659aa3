"""Every variant of every cloud, as data: its name, its steps in order, its checks.

And what each cloud takes as a name.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Cloud = Literal["local", "aws", "azure", "gcp", "oci"]
Variant = Literal["cpu", "cuda", "grid", "a3mega"]
#: Nothing is built for arm64 yet, since no dstack server asks for it (dstack thread #2101).
Arch = Literal["x86_64", "arm64"]

CLOUDS: tuple[Cloud, ...] = get_args(Cloud)

#: The step that restarts the machine. Packer has to expect the lost connection there.
REBOOT = "reboot"
#: The last step with a working login: what follows only removes traces.
INVENTORY = "inventory"

_BASICS = ("await-cloud-init", "apt-quiet", "apt-upgrade", "packages", "kernel-tuning")
_END = ("prepull", INVENTORY, "clean")

_CPU_PARTS = (REBOOT, "rebooted", "docker", *_END)
_CUDA_PARTS = (REBOOT, "rebooted", "docker", "cuda", "container-toolkit", *_END)

_CPU = (*_BASICS, *_CPU_PARTS)
_CUDA = (*_BASICS, *_CUDA_PARTS)
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
_OCI = (*_BASICS, "oci-firewall")

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
class ImageKey:
    """Which image is meant, whatever its release."""

    cloud: Cloud
    variant: Variant
    arch: Arch = "x86_64"

    @property
    def kind(self) -> str:
        """The variant, with an architecture behind it that is not the usual one."""
        return self.variant if self.arch == "x86_64" else f"{self.variant}-{self.arch}"

    @property
    def stem(self) -> str:
        """The image's name without prefix and version; the server asks for exactly this."""
        suffix = "" if self.kind == self.variant else f"-{self.arch}"
        return "dstack" + ("" if self.variant == "cpu" else f"-{self.variant}") + suffix

    def __str__(self) -> str:
        return f"{self.cloud}-{self.kind}"


@dataclass(frozen=True)
class Entry:
    """One image that can be made."""

    key: ImageKey
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
    Entry(ImageKey("local", "cpu"), _CPU, _CHECKS_CPU),
    Entry(ImageKey("local", "cuda"), _CUDA, _CHECKS_GPU),
    Entry(ImageKey("local", "grid"), _GRID, _CHECKS_GPU),
    Entry(ImageKey("aws", "cpu"), _CPU, _CHECKS_CPU),
    Entry(ImageKey("aws", "cuda"), _CUDA, _CHECKS_GPU),
    Entry(ImageKey("azure", "cpu"), _CPU + _AZURE, _CHECKS_CPU),
    Entry(ImageKey("azure", "cuda"), _CUDA + _AZURE, _CHECKS_GPU),
    Entry(ImageKey("azure", "grid"), _GRID + _AZURE, _CHECKS_GPU),
    Entry(ImageKey("gcp", "cpu"), _CPU, _CHECKS_CPU),
    Entry(ImageKey("gcp", "cuda"), _CUDA, _CHECKS_GPU),
    Entry(ImageKey("gcp", "a3mega"), _A3MEGA, _CHECKS_A3MEGA),
    Entry(ImageKey("oci", "cpu"), _OCI + _CPU_PARTS, _CHECKS_CPU),
    Entry(ImageKey("oci", "cuda"), _OCI + _CUDA_PARTS, _CHECKS_GPU),
)


@dataclass(frozen=True)
class NameRule:
    """What a cloud takes as the name of an image."""

    pattern: re.Pattern[str]
    longest: int
    words: str


# Sources: EC2 CreateImage; Azure "Naming rules and restrictions" (Microsoft.Compute/images and
# galleries/images); Compute Engine "Naming resources"; OCI CreateImage (displayName).
NAMES: dict[Cloud, NameRule] = {
    "local": NameRule(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"), 200, "letters, digits, . _ -"),
    "aws": NameRule(
        re.compile(r"[A-Za-z0-9()\[\] ./'@_-]{3,}"), 128, "letters, digits, ( ) [ ] . / - ' @ _"
    ),
    "azure": NameRule(
        re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),
        80,
        "letters, digits, . _ - inside",
    ),
    "gcp": NameRule(
        re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?"),
        63,
        "a lower-case letter first, then lower-case letters, digits, -",
    ),
    "oci": NameRule(re.compile(r"[^\x00-\x1f]+"), 255, "printable characters"),
}

#: Released images that nothing here builds and nothing here may remove: pre-Turing GPUs boot
#: them, and their Ubuntu 22.04 with driver 535 cannot be made again (dstack thread #2799).
PROTECTED_VERSIONS: frozenset[str] = frozenset({"0.10"})


def variants(cloud: Cloud) -> tuple[Variant, ...]:
    """Variants that exist for a cloud, in the catalog's order."""
    return tuple(entry.key.variant for entry in CATALOG if entry.key.cloud == cloud)


def entry(key: ImageKey) -> Entry:
    """The catalog's entry. Raises LookupError where the cloud has no such variant."""
    for candidate in CATALOG:
        if candidate.key == key:
            return candidate
    raise LookupError(
        f"{key.cloud} has no variant {key.kind}; it has {', '.join(variants(key.cloud))}"
    )
