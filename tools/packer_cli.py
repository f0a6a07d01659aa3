"""Packer: this machine's own, else the current official release, else the distribution's."""

from __future__ import annotations

import os
from pathlib import Path

from tools import apt, downloads
from tools.commands import ask_version, find, foreign_path, run, show
from tools.errors import SetupError, Unavailable
from tools.layout import PROJECT, Layout
from tools.progress import Progress

VERSION = "1.16.0"
#: What Debian 12 and Ubuntu 24.04 have.
MINIMUM = (1, 6, 6)
#: Before, builders were part of Packer itself.
_FIRST_WITH_PLUGINS = (1, 7)
_URL = f"https://releases.hashicorp.com/packer/{VERSION}/packer_{VERSION}_linux_amd64.zip"
_SHA256 = "5edcd14ab59b535040c512dbecd6ec9ef976a000b073c19d93e4c431c948581e"
#: A file for each cloud, which pins its plugin.
PLUGINS = PROJECT / "packer" / "plugins"
_LOCAL_PLUGIN = PLUGINS / "local.pkr.hcl"


def ensure(layout: Layout, progress: Progress, *, pinned: bool = False) -> None:
    """Finds or installs Packer. With `pinned`, takes the release or none. Raises SetupError."""
    packer = _ensure_program(layout, progress, pinned=pinned)
    version = ask_version([packer, "version"])
    if version is not None and version >= _FIRST_WITH_PLUGINS:
        _ensure_plugins(packer, layout, progress)


def _ensure_program(layout: Layout, progress: Progress, *, pinned: bool) -> Path:
    path = "" if pinned else foreign_path(layout.links)
    if found := find("packer", ["version"], MINIMUM, path):
        layout.unlink("packer")
        progress.say("packer", f"{found} is used")
        return found
    own = layout.tools / f"packer-{VERSION}" / "packer"
    if ask_version([own, "version"]) is None:
        try:
            download(layout, own.parent, progress)
        except Unavailable as reason:
            if pinned:
                raise SetupError(f"Packer {VERSION}: {reason}") from None
            progress.say("packer", f"{reason}: taking the distribution's package instead")
            apt.install(["packer"], layout.logs, progress)
            installed = find("packer", ["version"], MINIMUM, path)
            if installed is None:
                raise SetupError(
                    f"package packer brought no Packer >= {show(MINIMUM)} on PATH"
                ) from None
            return installed
    layout.link(own)
    progress.say("packer", str(own))
    return own


def download(layout: Layout, folder: Path, progress: Progress) -> None:
    """The official release, checked, in a new folder. Raises Unavailable without internet."""
    archive = layout.downloads / Path(_URL).name
    with progress.working("packer", f"downloading {VERSION}"):
        downloads.fetch(_URL, _SHA256, archive)
        downloads.unpack(archive, folder)
    archive.unlink()


def _ensure_plugins(packer: Path, layout: Layout, progress: Progress) -> None:
    """The pinned plugins in a folder of this project's own, so that just these are used."""
    stamp = layout.packer_plugins / f"{downloads.sha256(_LOCAL_PLUGIN)}.done"
    if stamp.exists():
        return
    environment = {**os.environ, "PACKER_PLUGIN_PATH": str(layout.packer_plugins)}
    with progress.working("packer", "packer init: the plugin that drives QEMU"):
        run([packer, "init", _LOCAL_PLUGIN], layout.logs / "packer-init.log", env=environment)
    stamp.touch()
