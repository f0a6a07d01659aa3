"""Starts the virtual machine of local images for a measurement, without Packer."""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bakery.local.qemu import console_options, machine_options, quoted
from images.host import Host


@dataclass(frozen=True)
class Guest:
    """A machine that runs, and where its console is written."""

    process: "subprocess.Popen[bytes]"
    console: Path

    def said(self) -> bytes:
        """All that the console has said so far."""
        return self.console.read_bytes() if self.console.exists() else b""


@contextmanager
def guest(
    disk: Path, machine: Host, folder: Path, user_data: dict[str, object]
) -> Generator[Guest]:
    """A machine on a throw-away copy of a disk, with a seed for cloud-init, until the block ends.

    `disk` is qcow2, or raw by its name; `folder` has none of the files that are made there.
    """
    seed = folder / "seed"
    seed.mkdir()
    (seed / "user-data").write_text("#cloud-config\n" + json.dumps(user_data))
    (seed / "meta-data").write_text(json.dumps({"instance-id": f"bench-{time.time_ns()}"}))
    (seed / "vendor-data").write_text("")
    overlay = folder / "disk.qcow2"
    backing = "raw" if disk.suffix == ".raw" else "qcow2"
    create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", backing]
    subprocess.run([*create, "-b", str(disk), str(overlay), "8G"], check=True)
    server, port = _serve(seed)
    console = folder / "console.log"
    options = [*machine_options(machine.accelerator, machine.firmware, folder)]
    options += [
        *console_options(console),
        ["-smp", "2", "-m", "2048", "-display", "none", "-device", "virtio-rng-pci"],
        ["-drive", f"file={quoted(overlay)},if=virtio,cache=unsafe"],
        ["-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0"],
        ["-smbios", f"type=1,serial=ds=nocloud-net;s=http://10.0.2.2:{port}/"],
    ]
    words = [word for option in options for word in option]
    process = subprocess.Popen(["qemu-system-x86_64", *words])
    try:
        yield Guest(process, console)
    finally:
        for each in (process, server):
            each.kill()
            each.wait()


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
