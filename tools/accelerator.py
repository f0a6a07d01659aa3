"""Whether KVM works here. Some machines have /dev/kvm and hang with it: a boot has to prove it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from pydantic import BaseModel, ValidationError

from images.host import Accelerator
from tools.layout import Layout
from tools.progress import Progress

ACCELERATION = "kvm"
_LIMIT_SECONDS = 8.0
_EXIT_PORT = 0x501
#: A boot sector that writes 0 to QEMU's debug exit: mov dx, port; mov al, 0; out dx, al; hlt.
_CODE = bytes([0xBA, _EXIT_PORT & 0xFF, _EXIT_PORT >> 8, 0xB0, 0x00, 0xEE, 0xF4])
_BOOT_SECTOR = _CODE.ljust(510, b"\0") + b"\x55\xaa"
#: QEMU's debug exit ends with (value << 1) | 1.
_EXIT_STATUS = 1


_EMULATED = "machines are emulated; asked again after the next boot, or by `tools/setup --refresh`"


class _Answer(BaseModel):
    boot: str
    accelerator: Accelerator


def choose(layout: Layout, progress: Progress, device: Path = Path("/dev/kvm")) -> Accelerator:
    """Remembers the answer until the machine boots again, as a probe that hangs takes its limit."""
    if not os.access(device, os.R_OK | os.W_OK):
        progress.say("kvm", f"{_no_access(device)}. Now machines are emulated, which is slow")
        return "tcg"
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    file = layout.accelerator
    try:
        answer = _Answer.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        answer = None
    if answer is None or answer.boot != boot:
        progress.say("kvm", f"trying whether it works (at most {_LIMIT_SECONDS:.0f} s)")
        answer = _Answer(boot=boot, accelerator="kvm" if probe() else "tcg")
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(answer.model_dump_json(), encoding="utf-8")
        fresh.replace(file)
    works = answer.accelerator == "kvm"
    progress.say("kvm", "works" if works else f"{device} does not work: {_EMULATED}")
    return answer.accelerator


def _no_access(device: Path) -> str:
    """What is in the way, and the way out."""
    if device.exists():
        return (
            f"no access to {device}: run `sudo usermod --append --groups kvm $USER`, log in anew, "
            "and the next `make setup` notices"
        )
    return (
        f"there is no {device}: a physical machine has virtualization off in its firmware, a "
        "virtual one wants nested virtualization from its host, a container `--device /dev/kvm`"
    )


def probe(qemu: str = "qemu-system-x86_64", limit: float = _LIMIT_SECONDS) -> bool:
    """Boots a sector that ends the machine itself; only this counts, not that QEMU started."""
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "boot.img"
        disk.write_bytes(_BOOT_SECTOR)
        machine = ["-machine", "pc", "-m", "16", "-display", "none", "-nodefaults", "-no-reboot"]
        drive = ["-drive", f"file={disk},format=raw,if=ide"]
        port = ["-device", f"isa-debug-exit,iobase={_EXIT_PORT:#x},iosize=1"]
        try:
            process = subprocess.Popen(
                [qemu, "-accel", ACCELERATION, *machine, *drive, *port],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError:
            return False
        try:
            _, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            _reap(process)
            return False
        # QEMU that cannot open KVM ends with 1 as well, but complains.
        return process.returncode == _EXIT_STATUS and not errors.strip()


def _reap(process: subprocess.Popen[bytes]) -> None:
    """A process that hangs inside the kernel's KVM may outlive even SIGKILL: it is left behind."""
    try:
        process.communicate(timeout=2)
    except subprocess.TimeoutExpired:
        return
