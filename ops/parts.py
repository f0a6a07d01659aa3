"""Versions that people ask for, as a bill of materials has them: in its packages.

They are written as the inventory step of a bake writes them (`packer/provision/inventory.sh`), so
that a document can be compared with a record.
"""

import re
from collections.abc import Mapping

from debian.debian_support import NativeVersion

from images.sbom import Materials

#: Parts of `images.record.Versions`, each with the packages of which the first is meant.
_PACKAGES = {
    "docker": ("docker-ce", "docker.io"),
    "containerd": ("containerd.io", "containerd"),
    "driver": ("nvidia-open",),
    "fabric_manager": ("nvidia-fabricmanager",),
    "container_toolkit": ("nvidia-container-toolkit",),
    "dcgm": ("datacenter-gpu-manager-4-core",),
}
_KERNEL = re.compile(r"linux-image-(?:unsigned-)?(\d\S*)")


def versions_in(materials: Materials) -> dict[str, str | None]:
    """Part to version, None where it is not in the image. The system's name is in no package."""
    packages = {name.partition(":")[0]: one for name, one in materials.packages.items()}
    found = {part: _first(packages, names) for part, names in _PACKAGES.items()}
    if materials.driver is not None:
        found["driver"] = materials.driver
    return {"kernel": _kernel(packages), **found}


def _first(packages: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((_upstream(packages[name]) for name in names if name in packages), None)


def _upstream(version: str) -> str:
    """Return a version without epoch, revision, and what a distribution has added."""
    upstream = version.partition(":")[2] or version
    return re.split("[+~]", upstream.rpartition("-")[0] or upstream)[0]


def _kernel(packages: Mapping[str, str]) -> str | None:
    """The newest, which is what boots unless an image says otherwise."""
    releases = [found[1] for name in packages if (found := _KERNEL.fullmatch(name))]
    return max(releases, key=NativeVersion, default=None)
