"""The disk that local images start from: Ubuntu's cloud image, else one made from packages."""

from __future__ import annotations

from typing import Literal

from images.host import Source
from tools import downloads, packages
from tools.commands import run
from tools.errors import SetupError, Unavailable
from tools.layout import PROJECT, Layout
from tools.progress import Progress

Wish = Literal["auto", "ubuntu-24.04", "debian-12"]

_RELEASE = "20260911"
_UBUNTU = f"ubuntu-24.04-{_RELEASE}"
_URL = (
    f"https://cloud-images.ubuntu.com/releases/noble/release-{_RELEASE}/"
    "ubuntu-24.04-server-cloudimg-amd64.img"
)
_SHA256 = "612b2c0cc1bc413a6cb8c38fd611794caf0f2b436c50013d8b3794db12ad7354"
_RECIPE = PROJECT / "packer" / "base" / "debian-12.sh"


def ensure(wish: Wish, known: Source | None, layout: Layout, progress: Progress) -> Source:
    """`known` is what an earlier run settled on; it is kept while it still is what is wished."""
    names = {"ubuntu-24.04": [_UBUNTU], "debian-12": [_debian_name()]}
    acceptable = names.get(wish, [_UBUNTU, _debian_name()])
    if known and known.name in acceptable and known.file.is_file():
        progress.say("base", known.name)
        return known
    if wish == "debian-12":
        return _debian(layout, progress)
    try:
        return _ubuntu(layout, progress)
    except Unavailable as reason:
        if wish == "ubuntu-24.04":
            raise SetupError(
                f"{reason}, so there is no Ubuntu image; `make setup SOURCE=debian-12` makes a "
                "base image from Debian's packages"
            ) from None
        progress.say("base", f"{reason}: making one from Debian's packages instead")
        return _debian(layout, progress)


def _ubuntu(layout: Layout, progress: Progress) -> Source:
    file = layout.base / f"{_UBUNTU}.qcow2"
    if not file.is_file() or downloads.sha256(file) != _SHA256:
        with progress.working("base", f"downloading Ubuntu 24.04 of {_RELEASE} (600 MB, once)"):
            downloads.fetch(_URL, _SHA256, file)
    return Source(name=_UBUNTU, file=file, sha256=_SHA256)


def _debian(layout: Layout, progress: Progress) -> Source:
    name = _debian_name()
    file = layout.base / f"{name}.qcow2"
    if not file.is_file():
        layout.base.mkdir(parents=True, exist_ok=True)
        with progress.working("base", "making a Debian 12 image from packages (1 minute, once)"):
            run([_RECIPE, file], layout.logs / "debian-12.log", env=packages.environment())
    return Source(name=name, file=file, sha256=downloads.sha256(file))


def _debian_name() -> str:
    return f"debian-12-{downloads.sha256(_RECIPE)[:12]}"
