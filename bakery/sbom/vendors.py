"""Packages of vendors, which are no part of the distribution that they are installed in.

Who maintains a package says so in it. A distribution's package of the same software has one of the
distribution's people there, so `docker.io` stays Debian's and `docker-ce` is Docker's.
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Vendor:
    """A vendor by its name in package URLs, and by the one that people know."""

    namespace: str
    name: str


NVIDIA = Vendor("nvidia", "NVIDIA")
_DOCKER = Vendor("docker", "Docker")
#: By the domain of their maintainers' addresses.
_VENDORS = {
    "docker.com": _DOCKER,
    "nvidia.com": NVIDIA,
    "google.com": Vendor("google", "Google"),
    "microsoft.com": Vendor("microsoft", "Microsoft"),
    "oracle.com": Vendor("oracle", "Oracle"),
}
#: Packages that their vendor gives a maintainer without an address of its own.
_BY_NAME = {
    re.compile(r"docker-(ce|buildx|compose|model)\b.*|containerd\.io"): _DOCKER,
    re.compile(
        r"(lib)?nvidia-container.*|nvidia-(open|fabricmanager|driver-pinning)\b.*"
        r"|datacenter-gpu-manager.*|cuda-keyring"
    ): NVIDIA,
}
_ADDRESS = re.compile(r"@(?:[\w-]+\.)*?([\w-]+\.[a-z]+)\)$")


def vendor_of(package: dict[str, Any]) -> Vendor | None:
    """Return the vendor of a document's package, or None where it is the distribution's."""
    supplier = str(package.get("supplier", ""))
    if found := _ADDRESS.search(supplier):
        return _VENDORS.get(found[1].lower())
    names = (name for name in _BY_NAME if name.fullmatch(package["name"]))
    return next((_BY_NAME[name] for name in names), None)
