"""`make bench-restarts`: restarts the machine of local images again and again, and counts hangs."""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from bench.guest import Guest, guest
from images.host import home, read

#: The kernel's first line. The firmware and the boot loader are behind it.
_BOOTED = b"Linux version"
#: What systemd is to do, on the kernel's command line ("systemd-run-generator").
_ORDER = "systemd.run=/bin/true systemd.run_success_action=reboot"
#: Seconds without a word on the console after which a machine hangs.
_PATIENCE = 180.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.restarts", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="restarts to make (default: 60)")
    options = parser.parse_args()
    # So that the machine ends with this process.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    machine = read(home())
    screen = Console()
    restarts = hung = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dstack-bench-") as name:
        disk = _restarting(machine.source.file, Path(name))
        while restarts + hung < options.count:
            folder = Path(name) / f"run-{hung}"
            folder.mkdir()
            with guest(disk, machine, folder, {}) as started:
                restarts += _restart(started, options.count - restarts - hung)
            if restarts + hung < options.count:
                hung += 1
                kept = home() / "logs" / f"restart-hung-{time.time_ns()}.log"
                kept.parent.mkdir(exist_ok=True)
                shutil.copyfile(started.console, kept)
                screen.print(f"hung after restart {restarts}; its console: {kept}")
    minutes = (time.monotonic() - began) / 60
    screen.print(f"{restarts} restarts, {hung} hung, {minutes:.1f} minutes, {machine.accelerator}")
    return 1 if hung else 0


def _restarting(base: Path, folder: Path) -> Path:
    """A copy of the base image that restarts as soon as udev has found its devices."""
    disk = folder / "restarting.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", str(base), str(disk)], check=True)
    esp = ["-i", f"{disk}@@1M"]
    listing = ["mdir", "-b", *esp, "::/loader/entries"]
    entries = subprocess.run(listing, capture_output=True, text=True, check=False).stdout.split()
    if not entries:
        raise SystemExit(
            f"{base} has no boot loader entries of systemd-boot to change; this measurement needs "
            "the base image that `make setup SOURCE=debian-12` makes"
        )
    for entry in entries:
        text = subprocess.run(
            ["mtype", *esp, entry], capture_output=True, text=True, check=True
        ).stdout
        file = folder / "entry.conf"
        file.write_text(re.sub(r"(?m)^(options .*)$", rf"\1 {_ORDER}", text), encoding="utf-8")
        subprocess.run(["mcopy", "-o", *esp, str(file), entry], check=True)
    return disk


def _restart(started: Guest, wanted: int) -> int:
    """Waits for as many restarts; returns how many came before the machine hung."""
    length, spoke = 0, time.monotonic()
    while True:
        said = started.said()
        boots = said.count(_BOOTED)
        if boots > wanted:
            return wanted
        if len(said) > length:
            length, spoke = len(said), time.monotonic()
        elif time.monotonic() - spoke > _PATIENCE or started.process.poll() is not None:
            return max(0, boots - 1)
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
