"""The package database that a machine hands out (packer/provision/inventory.sh)."""

import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from images.errors import BakeryError

ARCHIVE = "package-database.tar.gz"
_OS_RELEASE = "etc/os-release"
_STATUS = "var/lib/dpkg/status"
_MEMBERS = (_OS_RELEASE, _STATUS, "var/lib/apt/extended_states")
_LARGEST = 64 << 20
_SETTING = re.compile(r"""(?m)^([A-Z_]+)=["']?([^"'\n]*)["']?$""")

#: Distributions whose packages are named by them.
Vendor = Literal["debian", "ubuntu"]


@dataclass(frozen=True)
class Database:
    """A folder with the files where a system has them, and what system that is."""

    root: Path
    vendor: Vendor
    release: str


def unpack(results: Path, root: Path) -> Database:
    """Takes the known files out of the archive, into `root`. Raises BakeryError."""
    try:
        with tarfile.open(results / ARCHIVE) as archive:
            for member in archive:
                if member.name in _MEMBERS and member.isfile() and member.size <= _LARGEST:
                    archive.extract(member, root, filter="data")
        return described(root, (root / _OS_RELEASE).read_text(encoding="utf-8"))
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BakeryError(
            f"the machine handed out no usable {ARCHIVE} (step inventory): {error}"
        ) from None


def described(root: Path, os_release: str) -> Database:
    """What a system says of itself (os-release(5)). Raises ValueError for one of neither kind."""
    settings = dict(_SETTING.findall(os_release))
    vendor = settings.get("ID")
    if vendor not in ("debian", "ubuntu"):
        raise ValueError(f"{_OS_RELEASE} names the system {vendor}, which is not known here")
    return Database(root, vendor, settings.get("VERSION_ID", ""))
