"""Today's Packer with its plugins, beside the distribution's: `make packer`.

The official release where it can be downloaded, else built from Go modules. Two of the plugins
that this project uses, for QEMU and for Azure, cannot be had as modules: their dependencies are
replaced by forks, which Go's proxy does not serve. So the built one is for AWS, Google Cloud and
Oracle Cloud, and stays off PATH unless a person puts it there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from tools import go, packer_cli
from tools.commands import run
from tools.errors import Unavailable
from tools.layout import PROJECT, Layout
from tools.progress import Progress

#: The plugins' names at Packer, each of a module github.com/hashicorp/packer-plugin-NAME.
BUILT_PLUGINS = ("amazon", "googlecompute", "oracle")
_MODULE = PROJECT / "tools" / "packer"
_PROGRAMS = go.Programs(
    name="packer",
    module=_MODULE,
    packages=(
        "github.com/hashicorp/packer",
        *(f"github.com/hashicorp/packer-plugin-{plugin}" for plugin in BUILT_PLUGINS),
    ),
)


def ensure(layout: Layout, progress: Progress) -> Path:
    """Returns the folder that has `packer` and, for PACKER_PLUGIN_PATH, `plugins`.

    The folder appears when all is in it, so that a run that was cut off leaves nothing half.
    """
    folder = layout.todays_packer
    stamp = folder / "pins"
    pins = _pins()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == pins:
        progress.say("packer", f"{folder} has {packer_cli.VERSION} already")
        return folder
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        packer_cli.download(layout, fresh, progress)
        _install_plugins(fresh, layout, progress)
    except Unavailable as reason:
        progress.say("packer", f"{reason}: building {packer_cli.VERSION} from Go modules instead")
        _build(fresh, layout, progress)
    (fresh / "pins").write_text(pins, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    progress.say("packer", f"{folder}: docs/setup.md says how to use it")
    return folder


def _pins() -> str:
    """What decides about the folder's content, as one checksum."""
    files = (_MODULE / "go.mod", _MODULE / "go.sum", *sorted(packer_cli.PLUGINS.glob("*.hcl")))
    content = hashlib.sha256(packer_cli.VERSION.encode())
    for file in files:
        content.update(file.read_bytes())
    return content.hexdigest()


def _install_plugins(folder: Path, layout: Layout, progress: Progress) -> None:
    with progress.working("packer", "packer init: the plugins of all clouds"):
        for pins in sorted(packer_cli.PLUGINS.glob("*.hcl")):
            _packer(folder, layout, "init", str(pins))


def _build(folder: Path, layout: Layout, progress: Progress) -> None:
    folder.mkdir(parents=True)
    doing = f"building {packer_cli.VERSION} and {len(BUILT_PLUGINS)} plugins (10 minutes, once)"
    go.build(_PROGRAMS, folder, layout, progress, doing)
    for plugin in BUILT_PLUGINS:
        program = folder / f"packer-plugin-{plugin}"
        source = f"github.com/hashicorp/{plugin}"
        # Puts a copy where Packer looks, under the version that the plugin says of itself.
        _packer(folder, layout, "plugins", "install", "--path", str(program), source)
        program.unlink()


def _packer(folder: Path, layout: Layout, *arguments: str) -> None:
    environment = {
        **os.environ,
        "PACKER_PLUGIN_PATH": str(folder / "plugins"),
        "CHECKPOINT_DISABLE": "1",
    }
    run([folder / "packer", *arguments], layout.logs / "packer-plugins.log", env=environment)
