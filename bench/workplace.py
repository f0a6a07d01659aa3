"""A copy of the checkout with a content store and a Pulumi backend of its own."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from images.host import home

CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Workplace:
    """Where a measurement runs."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, **config: object) -> "Workplace":
        """Copies what git would, sets keys of the local stack, links what set-up made."""
        place = cls(folder)
        ignored = shutil.ignore_patterns(".git", ".venv", ".state", "dist", "__pycache__")
        shutil.copytree(CHECKOUT, place.project, ignore=ignored)
        (place.project / ".venv").symlink_to(CHECKOUT / ".venv")
        file = place.project / "Pulumi.local.yaml"
        stack = yaml.safe_load(file.read_text(encoding="utf-8"))
        stack["config"] |= {f"dstack-images:{key}": value for key, value in config.items()}
        file.write_text(yaml.safe_dump(stack), encoding="utf-8")
        place.home.mkdir()
        for name in ("machine.json", "base", "registry", "tools"):
            if (home() / name).exists():
                (place.home / name).symlink_to(home() / name)
        place.backend.mkdir()
        place.pulumi("stack", "init", "local")
        return place

    @property
    def project(self) -> Path:
        return self.folder / "checkout"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def backend(self) -> Path:
        return self.folder / "backend"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DSTACK_IMAGES_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": "",
        }

    def start(self, *arguments: str, project: Path | None = None) -> "subprocess.Popen[bytes]":
        """Starts pulumi; its output goes to a log in the folder."""
        with (self.folder / "pulumi.log").open("ab") as log:
            return subprocess.Popen(
                ["pulumi", *arguments, "--non-interactive"],
                cwd=project or self.project,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def pulumi(self, *arguments: str, project: Path | None = None) -> float:
        """Runs pulumi to a good end; returns its seconds."""
        began = time.monotonic()
        if self.start(*arguments, project=project).wait() != 0:
            raise RuntimeError(f"pulumi {' '.join(arguments)} failed: {self.folder}/pulumi.log")
        return time.monotonic() - began
