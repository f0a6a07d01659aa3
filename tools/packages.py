"""The programs that the distribution is good enough for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from images.host import Firmware
from tools import apt
from tools.errors import SetupError
from tools.progress import Progress

#: UEFI as two flash chips, where Debian and Ubuntu have it; older releases only the smaller one.
_FIRMWARE = tuple(
    Firmware(
        code=Path(f"/usr/share/OVMF/OVMF_CODE{size}.fd"),
        variables=Path(f"/usr/share/OVMF/OVMF_VARS{size}.fd"),
    )
    for size in ("_4M", "")
)
#: A program (or a file), and the package that has it on Debian and Ubuntu.
_PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "xorriso": "xorriso",
    "shellcheck": "shellcheck",
    "gpg": "gpg",
    # these make the Debian base image, and the small systems in which tests run provisioning steps
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "mkfs.vfat": "dosfstools",
    "mke2fs": "e2fsprogs",
    "mcopy": "mtools",
    "sfdisk": "fdisk",
}
# Debian keeps some of these where only root's PATH looks.
_PLACES = "/usr/local/sbin:/usr/sbin:/sbin"


def ensure(logs: Path, progress: Progress) -> Firmware:
    """Returns the UEFI firmware."""
    if missing := _missing():
        if shutil.which("apt-get") is None:
            wanted = "\n".join(
                f"    {', '.join(found)} (Debian's {package})" for package, found in missing.items()
            )
            raise SetupError(
                "this machine has no apt-get, and set-up knows Debian and Ubuntu only. Where you "
                f"get these yourself, run again; it looks for\n{wanted}"
            )
        apt.install(list(missing), logs, progress)
        if still := _missing():
            raise SetupError(f"apt-get installed {' '.join(still)}, but not what they should have")
    found = _firmware()
    if found is None:
        places = ", ".join(str(firmware.code) for firmware in _FIRMWARE)
        raise SetupError(f"package ovmf brought none of {places} with its variables")
    return found


def _firmware() -> Firmware | None:
    return next(
        (found for found in _FIRMWARE if found.code.is_file() and found.variables.is_file()), None
    )


def environment() -> dict[str, str]:
    """The environment of a program that uses these; an ordinary user's PATH lacks some."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:{_PLACES}"}


def _missing() -> dict[str, list[str]]:
    """Package to the programs and files that are looked for."""
    path = environment()["PATH"]
    wanted: dict[str, list[str]] = {}
    for program, package in _PROGRAMS.items():
        if shutil.which(program, path=path) is None and not Path(program).is_file():
            wanted.setdefault(package, []).append(program)
    if _firmware() is None:
        wanted["ovmf"] = [" or ".join(str(found.code) for found in _FIRMWARE)]
    return wanted
