"""A home with a base image, and a Packer beside it that does as it is told."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FAKE = Path(__file__).parent / "packer"


@dataclass(frozen=True)
class FakeHost:
    """What the bakery finds on a machine, all below one folder."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> "FakeHost":
        shop = cls(folder)
        shop.bin.mkdir(parents=True)
        shutil.copy(FAKE, shop.bin / "packer")
        for module in ("cloud_images.py", "azure_calls.py"):
            shutil.copy(FAKE.with_name(module), shop.bin)
        # gcloud says who is logged in; nobody asks it for a tunnel.
        programs = {"gcloud": "echo someone@example.com", "qemu-system-x86_64": "", "qemu-img": ""}
        for program, answer in programs.items():
            (shop.bin / program).write_text(f"#!/bin/sh\n{answer or 'exit 1'}\n")
            (shop.bin / program).chmod(0o755)
        (shop.home / "base").mkdir(parents=True)
        shop.set_source("debian-12-test", b"a disk")
        shop.behave("ok")
        return shop

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def env(self) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "DSTACK_IMAGES_HOME": str(self.home),
            "TMPDIR": str(self.temporary()),
        }

    def temporary(self) -> Path:
        folder = self.folder / "t"
        folder.mkdir(exist_ok=True)
        return folder

    def set_source(self, name: str, disk: bytes) -> None:
        """Another base image."""
        file = self.home / "base" / f"{name}.qcow2"
        file.write_bytes(disk)
        (self.home / "firmware.fd").write_bytes(b"firmware")
        (self.home / "machine.json").write_text(
            json.dumps(
                {
                    "source": {
                        "name": name,
                        "file": str(file),
                        "sha256": hashlib.sha256(disk).hexdigest(),
                    },
                    "accelerator": "tcg",
                    "firmware": {
                        "code": str(self.home / "firmware.fd"),
                        "variables": str(self.home / "firmware.fd"),
                    },
                    "prepull": None,
                }
            )
        )

    def behave(self, behaviour: str) -> None:
        """What the next runs of Packer do; see the head of fakes/packer."""
        (self.bin / "behaviour").write_text(behaviour)

    def runs(self, build: str) -> int:
        """How often Packer has run this build."""
        return sum(line.split()[0] == build for line in self._run_lines())

    def await_run(self, build: str, seconds: float = 60) -> None:
        """Waits until Packer (or, as "machine", what it started) runs."""
        self._await(lambda: self.runs(build) > 0, seconds, f"no run of {build}")

    def processes(self) -> list[int]:
        """Processes of Packer and its machines that are still alive."""
        return [pid for line in self._run_lines() if _alive(pid := int(line.split()[1]))]

    def leftovers(self) -> list[str]:
        """Work folders and temporary files that are left."""
        found = [*(self.home / "work").glob("*"), *self.temporary().glob("dstack-bake-*")]
        return [str(path) for path in found]

    def await_nothing_left(self, seconds: float = 60) -> None:
        """Waits until neither a process nor a file of any run is left."""
        self._await(
            lambda: not self.processes() and not self.leftovers(),
            seconds,
            "left behind",
        )

    def packer_saw(self) -> dict[str, str]:
        """The environment of the last run of Packer."""
        return json.loads((self.bin / "seen").read_text())

    def _run_lines(self) -> list[str]:
        file = self.bin / "runs"
        return file.read_text().splitlines() if file.exists() else []

    def _await(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, f"{what}: {self.processes()} {self.leftovers()}"
            time.sleep(0.1)


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
