"""From power-on to the first container: a baked image, and its base image that installs first."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bakery.local.demo_registry import registry_command
from images.machine import Machine

_READY = b"BENCH-CONTAINER-RAN"
_LIMIT = 1800.0


def first_container(disk: Path, machine: Machine, folder: Path, *, install: bool) -> float:
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
    seed = folder / "seed"
    seed.mkdir()
    commands = [*(first if install else []), run]
    (seed / "user-data").write_text("#cloud-config\n" + json.dumps({"runcmd": commands}))
    (seed / "meta-data").write_text(json.dumps({"instance-id": f"bench-{time.time_ns()}"}))
    (seed / "vendor-data").write_text("")
    overlay, console = folder / "disk.qcow2", folder / "console.log"
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2"]
    subprocess.run([*create, "-b", str(disk), str(overlay), "8G"], check=True)
    server, http = _serve(seed)
    beside = subprocess.Popen(registry, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    qemu = subprocess.Popen(_command(machine, overlay, console, http))
    try:
        while not (console.exists() and _READY in console.read_bytes()):
            if qemu.poll() is not None or time.monotonic() - began > _LIMIT:
                raise RuntimeError(f"no container ran; the console: {console}")
            time.sleep(0.2)
        return time.monotonic() - began
    finally:
        for process in (qemu, beside, server):
            process.kill()
            process.wait()


def _serve(seed: Path) -> tuple["subprocess.Popen[bytes]", int]:
    program = (
        "import functools, http.server as h;"
        f"s = h.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial("
        f"h.SimpleHTTPRequestHandler, directory={str(seed)!r}));"
        "print(s.server_port, flush=True); s.serve_forever()"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdout is not None
    return server, int(server.stdout.readline())


def _command(machine: Machine, disk: Path, console: Path, http: int) -> list[str]:
    cpu = "host" if machine.accelerator == "kvm" else "max"
    return [
        *("qemu-system-x86_64", "-machine", "pc", "-accel", machine.accelerator, "-cpu", cpu),
        *("-smp", "2", "-m", "2048", "-bios", str(machine.firmware), "-display", "none"),
        *("-drive", f"file={disk},if=virtio,cache=unsafe", "-device", "virtio-rng-pci"),
        *("-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0"),
        *("-smbios", f"type=1,serial=ds=nocloud-net;s=http://10.0.2.2:{http}/"),
        *("-serial", f"file:{console}"),
    ]
