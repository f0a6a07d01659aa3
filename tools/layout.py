"""Where set-up keeps things, all below the home that DSTACK_IMAGES_HOME names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layout:
    home: Path

    @property
    def tools(self) -> Path:
        return self.home / "tools"

    @property
    def links(self) -> Path:
        """Return the folder of links, to just those tools that the machine itself lacks.

        `tools/env` has it on PATH.
        """
        return self.tools / "bin"

    @property
    def downloads(self) -> Path:
        return self.home / "downloads"

    @property
    def base(self) -> Path:
        return self.home / "base"

    @property
    def registry(self) -> Path:
        return self.home / "registry"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def packer_plugins(self) -> Path:
        return self.home / "packer-plugins"

    @property
    def todays_packer(self) -> Path:
        """The folder of what `make packer` builds, which is not on PATH."""
        return self.tools / "todays-packer"

    @property
    def accelerator(self) -> Path:
        """What the probe of KVM found."""
        return self.home / "accelerator.json"

    @property
    def no_command_provider(self) -> Path:
        """Exists where Pulumi's command provider could not be downloaded."""
        return self.tools / "command-provider-unavailable"

    def link(self, *programs: Path) -> None:
        self.links.mkdir(parents=True, exist_ok=True)
        for program in programs:
            fresh = self.links / f".{program.name}.new"
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.path.relpath(program, self.links))
            fresh.replace(self.links / program.name)

    def unlink(self, *names: str) -> None:
        for name in names:
            (self.links / name).unlink(missing_ok=True)
