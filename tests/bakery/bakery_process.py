"""The bakery as a process, on a machine whose Packer does as it is told."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from images.naming import bake_name

PROJECT = Path(__file__).resolve().parents[2]
FAKES = Path(__file__).parent / "fakes"
DIGEST = "0123456789abcdef" * 4
DISK = b"a disk"
DISK_SHA256 = hashlib.sha256(DISK).hexdigest()
#: Programs of the machine that the bakery may use; nothing else is on its PATH.
PROGRAMS = ("ssh-keygen", "cp", "sleep", "git")


#: `python -m bakery` with another pause before each further attempt: in seconds, of work.
WITH_PAUSE = """
import runpy, sys
from bakery.packer import build
build._FIRST_PAUSE = build._LONGEST_PAUSE = float(sys.argv.pop(1))
runpy.run_module("bakery", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Ended:
    """A bakery that has come to its end."""

    status: int
    out: str
    err: str

    def record(self) -> dict[str, Any]:
        assert self.status == 0, self.err
        return json.loads(self.out)

    def refused(self) -> str:
        """What a failure said, which is never a traceback and never a result."""
        assert self.status not in (0, None), self.out
        assert "Traceback" not in self.err, self.err
        assert self.out == ""
        assert "error: " in self.err
        return self.err


@dataclass(frozen=True)
class Machine:
    """Everything the bakery finds on a machine, below one folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def set_up(self) -> "Machine":
        for path in (self.bin, self.home, self.temporary):
            path.mkdir()
        shutil.copy(FAKES / "packer", self.bin / "packer")
        for program in PROGRAMS:
            found = shutil.which(program)
            assert found, f"these tests need {program}"
            (self.bin / program).symlink_to(found)
        (self.bin / "python3").symlink_to(Path(sys.executable).resolve())
        for program in ("qemu-system-x86_64", "qemu-img"):
            (self.bin / program).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
            (self.bin / program).chmod(0o755)
        (self.folder / "base.qcow2").write_bytes(DISK)
        self.environment.update(
            PATH=str(self.bin),
            HOME=str(self.folder),
            DSTACK_IMAGES_HOME=str(self.home),
            TMPDIR=str(self.temporary),
        )
        self.behave({"do": "ok"})
        return self

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def behave(self, *builds: dict[str, Any]) -> None:
        """What the next builds do; see the head of fakes/packer."""
        (self.bin / "behaviours").write_text("\n".join(map(json.dumps, builds)), encoding="utf-8")

    def journal(self, event: str) -> list[dict[str, Any]]:
        """What Packer has seen: called, build, hanging, interrupted, left."""
        file = self.bin / "journal"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [noted for line in lines if (noted := json.loads(line))["event"] == event]

    def builds(self, build: str = "bake") -> int:
        return sum(noted["build"] == build for noted in self.journal("build"))

    def bake_job(self, digest: str = DIGEST, **changes: Any) -> dict[str, Any]:
        return {
            "stack": "test",
            "variant": "cpu",
            "bake": bake_name("cpu", digest),
            "digest": digest,
            "inputs": ["source=debian-12", "epoch=0"],
            "environment": {"IMAGE_CLOUD": "local", "PREPULL": ""},
            "disk_gb": 8,
            "time_limit": 60,
            "target": {
                "cloud": "local",
                "source_file": str(self.folder / "base.qcow2"),
                "source_sha256": DISK_SHA256,
                "firmware": {
                    "code": str(self.folder / "base.qcow2"),
                    "variables": str(self.folder / "base.qcow2"),
                },
                "accelerator": "tcg",
                "cpus": 2,
                "memory_mb": 2048,
                "demo_registry": None,
            },
            "source_name": "debian-12",
            "prepare": ["apt-quiet"],
            "install": ["docker", "inventory"],
            "seal": ["clean"],
            **changes,
        }

    def verify_job(self, digest: str = DIGEST, **changes: Any) -> dict[str, Any]:
        common = self.bake_job(digest)
        for key in ("digest", "source_name", "prepare", "install", "seal"):
            del common[key]
        return {**common, "inputs": ["run=1"], "checks": ["boot", "docker", "quiet"], **changes}

    def start(
        self, work: str, job: dict[str, Any], under: str = "", pause: float = 0.1
    ) -> "Running":
        """Starts the bakery in a session of its own, or as child of a Python program `under`.

        `pause` is how long it waits between two attempts.
        """
        command = [sys.executable, "-c", WITH_PAUSE, str(pause), work]
        # A session of its own, as no terminal's interrupt reaches it under Pulumi.
        process = subprocess.Popen(
            [sys.executable, "-c", under, *command] if under else command,
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(job).encode())
        process.stdin.close()
        process.stdin = None
        return Running(self, process)

    def run(self, work: str, job: dict[str, Any]) -> Ended:
        return self.start(work, job).end()

    def feed(self, work: str, text: bytes) -> Ended:
        """Runs the bakery with any bytes as its job."""
        done = subprocess.run(
            [sys.executable, "-m", "bakery", work],
            cwd=PROJECT,
            env=self.environment,
            input=text,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

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
        files = [*(self.home / "work").glob("*"), *self.temporary.iterdir()]
        return [f"process {pid}" for pid in self.processes()] + [str(file) for file in files]

    def await_nothing_left(self, seconds: float = 15) -> None:
        until(lambda: not self.left_behind(), lambda: f"left behind: {self.left_behind()}", seconds)


@dataclass(frozen=True)
class Running:
    """A bakery at work."""

    machine: Machine
    process: "subprocess.Popen[bytes]"

    def at(self, event: str) -> dict[str, Any]:
        """Waits until Packer has noted an event."""

        def noted() -> bool:
            assert self.process.poll() is None, self.end().err
            return bool(self.machine.journal(event))

        until(noted, lambda: f"no {event}")
        return self.machine.journal(event)[-1]

    def says(self, words: str) -> None:
        """Waits until it has said this; `end` gives what it says afterwards."""
        assert self.process.stderr is not None
        heard: list[str] = []
        for line in self.process.stderr:
            heard.append(line.decode())
            if words in heard[-1]:
                return
        raise AssertionError("".join(heard))

    def supervisor(self) -> int:
        """The process in between the bakery and Packer."""
        wrapper = self.machine.journal("build")[-1]["wrapper"]
        return int(stat(wrapper)[1])

    def kill(self, *pids: int, name: signal.Signals = signal.SIGKILL) -> None:
        for pid in pids or (self.process.pid,):
            os.kill(pid, name)

    def end(self, seconds: float = 60) -> Ended:
        out, err = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, out.decode(), err.decode())


def until(condition: Callable[[], bool], why: Callable[[], str], seconds: float = 30) -> None:
    """Waits for the condition; fails with the reason."""
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
