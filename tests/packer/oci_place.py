"""A simulated tenancy, and a bakery to which that is Oracle Cloud, with the real Packer."""

import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.oci_jobs import job, target
from tests.fakes.running_bakery import bakery
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME

PATIENCE = 60
_INSTANCES = "/20160918/instances"


@dataclass
class Place:
    """`home` is the bakery's; `env` changes what it runs in."""

    tenancy: OciTenancy
    home: Path
    env: dict[str, str] = field(default_factory=dict[str, str])
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def bake(self, **steps: list[str]) -> "subprocess.Popen[str]":
        env = {**self.tenancy.env(), "DSTACK_IMAGES_RUN_OWNER": "this-one", **self.env}
        work = job(target()).model_copy(update=steps)
        process = bakery("bake", work.model_dump_json(), env, self.home)
        self.started.append(process)
        return process

    def await_machine(self, process: "subprocess.Popen[str]", earlier: int = 0) -> dict[str, Any]:
        """The one for whose SSH Packer waits, beyond those that were there before."""
        self.await_log(process, "Waiting for SSH", earlier)
        return list(self.machines.values())[-1]

    def await_log(self, process: "subprocess.Popen[str]", words: str, earlier: int = 0) -> None:
        """Until Packer says so of a machine beyond those that were there before."""
        limit = time.monotonic() + PATIENCE
        while len(self.machines) <= earlier or words not in self._log():
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < limit, self._log()
            time.sleep(0.1)

    def _log(self) -> str:
        newest = max(self.home.rglob("*-bake.log"), default=None)
        return newest.read_text() if newest else ""

    @property
    def machines(self) -> dict[str, dict[str, Any]]:
        return self.tenancy.api.region(HOME).machines.all

    def alive(self) -> int:
        return len(self.tenancy.api.region(HOME).machines.alive())

    def launches(self) -> int:
        asked = [(one.method, one.path) for one in self.tenancy.api.sent]
        return asked.count(("POST", _INSTANCES))

    def close(self) -> None:
        """Ends what is still running."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE)
        assert self.tenancy.proxy.refused == [], "nobody asks for what is not Oracle's"


def stopped(process: "subprocess.Popen[str]") -> str:
    """Tells a bake to stop; returns what it said."""
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    return told
