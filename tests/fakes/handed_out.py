"""What a machine hands out at the end of a bake, as `packer/provision/inventory.sh` writes it."""

import io
import json
import tarfile
from pathlib import Path

from bakery.sbom.database import ARCHIVE

PACKAGES = "bash 5.2 amd64\njq 1.6 amd64\n"
INVENTORY = {
    "versions": {"os": "Debian GNU/Linux 12 (bookworm)", "kernel": "6.1.0-1", "docker": "20.10.24"},
    "restarted": False,
    "docker_images": {"factory-demo/hello:1": "sha256:" + "1" * 64},
    "held": [],
    "packages": [],
}
OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
STATUS = """Package: bash
Status: install ok installed
Maintainer: Matthias Klose <doko@debian.org>
Architecture: amd64
Version: 5.2
Description: GNU Bourne Again SHell
 Bash is an sh-compatible command language interpreter.

Package: jq
Status: install ok installed
Maintainer: ChangZhuo Chen <czchen@debian.org>
Architecture: amd64
Version: 1.6
Depends: bash
Description: lightweight and flexible command-line JSON processor
"""


def handed_out() -> dict[str, bytes]:
    """The files by their names."""
    return {
        "packages.txt": PACKAGES.encode(),
        "inventory.json": json.dumps(INVENTORY).encode(),
        ARCHIVE: database(STATUS, OS_RELEASE),
    }


def hand_out(results: Path) -> None:
    """Writes them, as Packer does that has downloaded them."""
    for name, content in handed_out().items():
        (results / name).write_bytes(content)


def database(status: str, os_release: str, **more: str) -> bytes:
    """The archive, with any other files below `var/lib/apt`."""
    files = {
        "etc/os-release": os_release,
        "var/lib/dpkg/status": status,
        **{f"var/lib/apt/{name}": text for name, text in more.items()},
    }
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return body.getvalue()
