"""The Pulumi CLI: this machine's own, else the official release, else built from its Go module."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import downloads, go
from tools.commands import ask_version, find, foreign_path, run
from tools.errors import Unavailable
from tools.layout import PROJECT, Layout
from tools.progress import Progress

VERSION = "3.259.0"
#: Older engines know some options of resources differently.
MINIMUM = (3, 200)
_URL = f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/pulumi-v{VERSION}-linux-x64.tar.gz"
#: As in Pulumi's own Homebrew formula for this version.
_SHA256 = "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_PROGRAM = go.Programs(
    name="pulumi",
    module=PROJECT / "tools",
    packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
    linker_flags=f"-s -w -X {_VERSION_VARIABLE}={VERSION}",
)
_COMMAND_PLUGIN = "1.2.1"
_PLUGIN_SITE = "https://get.pulumi.com/"


#: Of the release's many language hosts, the ones that a Python program wants.
_NAMES = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")


def ensure(layout: Layout, progress: Progress, *, pinned: bool = False) -> None:
    """Finds or installs Pulumi. With `pinned`, this machine's own is passed over."""
    folder = layout.tools / f"pulumi-{VERSION}" / "bin"
    path = "" if pinned else foreign_path(layout.links)
    if found := find("pulumi", ["version"], MINIMUM, path):
        progress.say("pulumi", f"{found} is used")
        layout.unlink(*_NAMES)
        _ensure_provider(layout, found, progress)
        return
    if ask_version([folder / "pulumi", "version"]) is None:
        try:
            _download(layout, folder, progress)
        except Unavailable as reason:
            progress.say("pulumi", f"{reason}: building {VERSION} from its Go module instead")
            _build(layout, folder, progress)
    layout.link(*(file for file in folder.iterdir() if file.name in _NAMES))
    progress.say("pulumi", f"{folder / 'pulumi'}")
    _ensure_provider(layout, folder / "pulumi", progress)


def _download(layout: Layout, folder: Path, progress: Progress) -> None:
    archive = layout.downloads / Path(_URL).name
    with progress.working("pulumi", f"downloading {VERSION}"):
        downloads.fetch(_URL, _SHA256, archive)
        unpacked = folder.with_name("unpacked")
        downloads.unpack(archive, unpacked)
    shutil.rmtree(folder, ignore_errors=True)
    (unpacked / "pulumi").rename(folder)
    shutil.rmtree(unpacked)
    archive.unlink()


def _build(layout: Layout, folder: Path, progress: Progress) -> None:
    fresh = folder / ".pulumi.new"
    folder.mkdir(parents=True, exist_ok=True)
    go.build(_PROGRAM, fresh, layout, progress, f"building {VERSION} with Go (5 minutes, once)")
    fresh.replace(folder / "pulumi")


def _ensure_provider(layout: Layout, pulumi: Path, progress: Progress) -> None:
    """Pulumi gets the command provider itself, by version and over TLS: no checksum is published.

    Where it cannot, the offline plugin of this project serves, and that answer is remembered.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    if (
        shutil.which("pulumi-resource-command", path=foreign_path(layout.links))
        or (home / "plugins" / f"resource-command-v{_COMMAND_PLUGIN}").is_dir()
        or layout.no_command_provider.exists()
    ):
        return
    if not downloads.answers(_PLUGIN_SITE):
        progress.say("pulumi", "the command provider cannot be downloaded: tools/offline serves")
        layout.no_command_provider.parent.mkdir(parents=True, exist_ok=True)
        layout.no_command_provider.touch()
        return
    command = [pulumi, "plugin", "install", "resource", "command", _COMMAND_PLUGIN]
    with progress.working("pulumi", f"installing the command provider {_COMMAND_PLUGIN}"):
        run(command, layout.logs / "pulumi-plugin.log")
