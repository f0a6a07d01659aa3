"""From power-on to the first container: a baked image, and its base image that installs first."""

import json
import subprocess
import time
from pathlib import Path

from bakery.local.demo_registry import registry_command
from bench.guest import guest
from images.host import Host

_READY = b"BENCH-CONTAINER-RAN"
_LIMIT = 1800.0


def first_container(disk: Path, machine: Host, folder: Path, *, install: bool) -> float:
    """Seconds until a container of the pre-pulled image has run, told on the console."""
    assert machine.prepull is not None, "the measurement uses the demonstration image"
    folder.mkdir()
    image = machine.prepull.images[0].split("@")[0]
    registry, port = registry_command(machine.prepull.registry, folder)
    run = f"docker run --rm --network none {image} && echo {_READY.decode()} >/dev/ttyS0"
    settings = json.dumps({"registry-mirrors": [f"http://10.0.2.2:{port}"]})
    first = [
        "apt-get update",
        f"mkdir -p /etc/docker && echo '{settings}' >/etc/docker/daemon.json",
        "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
        " docker.io apparmor",
        f"docker pull {image}",
    ]
    commands = [*(first if install else []), run]
    served = subprocess.Popen(registry, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    try:
        with guest(disk, machine, folder, {"runcmd": commands}) as started:
            while _READY not in started.said():
                if started.process.poll() is not None or time.monotonic() - began > _LIMIT:
                    raise RuntimeError(f"no container ran; the console: {started.console}")
                time.sleep(0.2)
            return time.monotonic() - began
    finally:
        served.kill()
        served.wait()
