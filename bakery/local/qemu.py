"""The virtual machine of local images, as QEMU's options: all that bake, verify, measure use it.

Firmware and its variables are flash on a machine q35, and an emulated processor has no
virtualization of its own. With `-bios`, machine pc and `-cpu max`, whose virtualization the
guest's KVM takes and gives back, about one restart in ten hung in the firmware, with flash and q35
still one in sixty (`make bench-restarts`). It is a processor of one model, as `max` without
virtualization makes systemd's mounts fail in the guest (QEMU 7.2), and has page tables of five
levels besides, which take a third of a boot's time. AMD's needs no page table of its own for the
kernel.
"""

import shutil
from pathlib import Path

from images.host import Accelerator, Firmware

_CPU: dict[Accelerator, str] = {"kvm": "host", "tcg": "EPYC,-svm"}


def machine_options(accelerator: Accelerator, firmware: Firmware, work: Path) -> list[list[str]]:
    """Machine, processor and firmware. The machine's UEFI variables are a new file in `work`."""
    variables = work / "uefi-variables.fd"
    shutil.copyfile(firmware.variables, variables)
    return [
        ["-machine", f"q35,accel={accelerator},pflash0=code,pflash1=variables"],
        ["-cpu", _CPU[accelerator]],
        _flash("code", firmware.code, "on"),
        _flash("variables", variables, "off"),
    ]


def console_options(file: Path) -> list[list[str]]:
    """The serial console, written to the end of a file."""
    return [
        ["-chardev", f"file,id=console,path={quoted(file)},append=on"],
        ["-serial", "chardev:console"],
    ]


def quoted(path: Path) -> str:
    """A path as a value in QEMU's options, where a comma begins the next one."""
    return str(path).replace(",", ",,")


def _flash(name: str, file: Path, read_only: str) -> list[str]:
    options = f"node-name={name},driver=raw,read-only={read_only}"
    return ["-blockdev", f"{options},file.driver=file,file.filename={quoted(file)}"]
