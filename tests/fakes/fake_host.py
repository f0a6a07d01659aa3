"""A host with a base image, and a Packer that does as it is told."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.engine.literal_pulumi import CHECKOUT
from tests.fakes.fake_packer import LAUNCHER

SOURCE = "debian-12-test"
#: What records and states must never hold.
MUCH = "x" * 200_000


@dataclass(frozen=True)
class FakeHost:
    """What the bakery finds on a host, all below one folder."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Self:
        host = cls(folder)
        host.bin.mkdir(parents=True)
        host.temporary.mkdir()
        (host.home / "base").mkdir(parents=True)
        packer = LAUNCHER.format(python=sys.executable, checkout=str(CHECKOUT))
        host.add_program("packer", packer)
        # gcloud says who is logged in; nobody asks it for a tunnel.
        host.add_program("gcloud", "#!/bin/sh\necho someone@example.com\n")
        for program in ("qemu-system-x86_64", "qemu-img"):
            host.add_program(program, "#!/bin/sh\nexit 1\n")
        host.set_source(SOURCE, b"a disk")
        host.behave()
        return host

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "t"

    def env(self) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "DSTACK_IMAGES_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
        }

    def add_program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def base_image(self, name: str = SOURCE) -> Path:
        return self.home / "base" / f"{name}.qcow2"

    def set_source(self, name: str, disk: bytes) -> None:
        """Another base image."""
        self.base_image(name).write_bytes(disk)
        firmware = self.home / "firmware.fd"
        firmware.write_bytes(b"firmware")
        found = {
            "source": {
                "name": name,
                "file": str(self.base_image(name)),
                "sha256": hashlib.sha256(disk).hexdigest(),
            },
            "accelerator": "tcg",
            "firmware": {"code": str(firmware), "variables": str(firmware)},
            "prepull": None,
        }
        (self.home / "machine.json").write_text(json.dumps(found))

    # Packer

    def behave(self, *builds: dict[str, Any]) -> None:
        """What the next builds do; see fake_packer. Without any they succeed, with many words."""
        told = builds or ({"do": "ok", "say": MUCH},)
        (self.bin / "behaviours").write_text("\n".join(map(json.dumps, told)), encoding="utf-8")

    def journal(self, event: str) -> list[dict[str, Any]]:
        """What Packer has seen: called, build, hanging, interrupted, left."""
        file = self.bin / "journal"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [noted for line in lines if (noted := json.loads(line))["event"] == event]

    def builds(self, build: str = "bake") -> int:
        """How often Packer has run this build."""
        return sum(noted["build"] == build for noted in self.journal("build"))

    def packer_saw(self) -> dict[str, str]:
        """The environment of the last build."""
        calls = [call for call in self.journal("called") if call["argv"][0] == "build"]
        return calls[-1]["environment"]

    def await_event(self, event: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until Packer has noted it."""
        until(lambda: bool(self.journal(event)), lambda: f"no {event}", seconds)
        return self.journal(event)[-1]

    # What is left

    def processes(self) -> list[int]:
        """Processes of Packer, and what it started, that are alive."""
        noted = [
            *((event["wrapper"], event["worker"]) for event in self.journal("build")),
            *((event["machine"],) for event in self.journal("hanging")),
            *((event["pid"],) for event in self.journal("left")),
        ]
        return [pid for pids in noted for pid in pids if alive(pid)]

    def left_behind(self) -> list[str]:
        """Processes and files of runs that should be over."""
        files = [*(self.home / "work").glob("*"), *self.temporary.glob("dstack-bake-*")]
        return [f"process {pid}" for pid in self.processes()] + [str(file) for file in files]

    def await_nothing_left(self, seconds: float = 60) -> None:
        until(lambda: not self.left_behind(), lambda: f"left behind: {self.left_behind()}", seconds)


def until(condition: Callable[[], bool], why: Callable[[], str], seconds: float = 30) -> None:
    """Wait for the condition; fail with the reason."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, why()
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return stat(pid)[0] not in "ZX"
    except OSError:
        return False


def stat(pid: int) -> list[str]:
    """State, parent, group of a process."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return text.rpartition(")")[2].split()[:3]


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are still its own."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
