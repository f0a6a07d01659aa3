"""The bakery as a process, on a host whose Packer does as it is told."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from images.naming import bake_name
from tests.engine.literal_pulumi import CHECKOUT
from tests.fakes.fake_host import FakeHost, stat, until

DIGEST = "0123456789abcdef" * 4
DISK_SHA256 = hashlib.sha256(b"a disk").hexdigest()
#: Programs of the host that the bakery may use; nothing else is on its PATH.
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
class BakeryHost(FakeHost):
    """A host for a bakery alone: nothing else is on its PATH, or in its environment."""

    environment: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def open(cls, folder: Path) -> Self:
        host = super().open(folder)
        for program in PROGRAMS:
            found = shutil.which(program)
            assert found, f"these tests need {program}"
            (host.bin / program).symlink_to(found)
        host.environment.update(host.env(), HOME=str(folder), PATH=str(host.bin))
        return host

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
                "source_file": str(self.base_image()),
                "source_sha256": DISK_SHA256,
                "firmware": {
                    "code": str(self.base_image()),
                    "variables": str(self.base_image()),
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
            cwd=CHECKOUT,
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
            cwd=CHECKOUT,
            env=self.environment,
            input=text,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass(frozen=True)
class Running:
    """A bakery at work."""

    host: BakeryHost
    process: "subprocess.Popen[bytes]"

    def at(self, event: str) -> dict[str, Any]:
        """Waits until Packer has noted an event."""

        def noted() -> bool:
            assert self.process.poll() is None, self.end().err
            return bool(self.host.journal(event))

        until(noted, lambda: f"no {event}")
        return self.host.journal(event)[-1]

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
        wrapper = self.host.journal("build")[-1]["wrapper"]
        return int(stat(wrapper)[1])

    def kill(self, *pids: int, name: signal.Signals = signal.SIGKILL) -> None:
        for pid in pids or (self.process.pid,):
            os.kill(pid, name)

    def end(self, seconds: float = 60) -> Ended:
        out, err = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, out.decode(), err.decode())
