"""The steps of Azure's GRID image: the old kernel and Microsoft's build of the driver."""

import hashlib

import pytest

from tests.image.chroot.world import KERNEL, World, stubs
from tests.image.repositories.package import Package, kernel_module

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

RUNNING = "6.14.0-1012-azure"
NEWEST = "6.8.0-1030-azure"
DISK = "1b2c3d4e-0000-4000-8000-123456789abc"
PINNED = "/var/lib/dstack-image/pinned-kernel"

# Writes the menu that the real one writes for the kernels in /boot.
UPDATE_GRUB = f"""#!/bin/bash
set -e
GRUB_DEFAULT=0
for file in /etc/default/grub.d/*.cfg; do [[ ! -e $file ]] || . "$file"; done
mkdir -p /boot/grub
{{
  echo "set default=\\"$GRUB_DEFAULT\\""
  echo "submenu 'Advanced options' \\$menuentry_id_option 'gnulinux-advanced-{DISK}' {{"
  for kernel in $(ls /boot | sed -n 's/^vmlinuz-//p' | sort -rV); do
    echo "menuentry 'Linux $kernel' \\$menuentry_id_option 'gnulinux-$kernel-advanced-{DISK}' {{"
    echo "menuentry 'Linux $kernel' \\$menuentry_id_option 'gnulinux-$kernel-recovery-{DISK}' {{"
  done
}} >/boot/grub/grub.cfg
"""


def kernel(name: str) -> list[Package]:
    image = Package(
        f"linux-image-{name}", "1", f"linux-modules-{name}", files={f"/boot/vmlinuz-{name}": b""}
    )
    return [image, *stubs(f"linux-headers-{name}", f"linux-modules-{name}", version="1")]


def azure(world: World, *names: str) -> None:
    """A machine that runs a newer kernel, and a distribution with these."""
    world.runs_kernel(RUNNING)
    world.machine.run("rm /usr/local/sbin/update-grub")
    world.machine.write("/usr/local/sbin/update-grub", UPDATE_GRUB, mode="755")
    world.distribution(*(p for name in names for p in kernel(name)), *stubs("linux-azure"))
    assert world.machine.run("apt-get update && apt-get install -y linux-azure").ok


def test_the_newest_by_number_is_installed_pinned_and_held(world: World) -> None:
    azure(world, "6.8.0-999-azure", "6.8.0-1009-azure", NEWEST, "6.11.0-1018-azure", RUNNING)
    world.machine.step_twice("grid-kernel", GRID_KERNEL="6.8")
    assert world.machine.read(PINNED) == f"{NEWEST}\n"
    assert world.machine.version("linux-image-6.8.0-999-azure") == ""
    assert world.machine.version(f"linux-headers-{NEWEST}") == "1"
    default = f'set default="gnulinux-advanced-{DISK}>gnulinux-{NEWEST}-advanced-{DISK}"'
    assert default in world.machine.read("/boot/grub/grub.cfg")
    parts = {f"linux-{part}-{NEWEST}" for part in ("image", "headers", "modules")}
    assert world.machine.held() == {*parts, "linux-azure"}


def test_the_pinned_kernel_is_the_one_to_boot(world: World) -> None:
    azure(world, NEWEST)
    assert world.machine.step("grid-kernel", GRID_KERNEL="6.8").ok
    world.machine.write("/var/tmp/dstack-image/boot-id", "of the boot before\n")
    world.machine.write("/var/lib/dstack-image/restarted", "true\n")
    world.machine.write("/stub/systemctl.out", "running\n")
    outcome = world.machine.step("rebooted")
    assert not outcome.ok
    assert f"came up with kernel {RUNNING}, expected is {NEWEST}" in outcome.output
    world.machine.write("/stub/kernel", f"{NEWEST}\n")
    outcome = world.machine.step("rebooted")
    assert outcome.ok, outcome.output


def test_no_kernel_of_the_series_is_an_error(world: World) -> None:
    azure(world, RUNNING, "6.8.0-1020-aws")
    outcome = world.machine.step("grid-kernel", GRID_KERNEL="6.8")
    assert not outcome.ok
    assert "no package source offers a kernel linux-image-6.8.0-N-azure" in outcome.output
    assert not world.machine.exists(PINNED)


def test_a_malformed_series_is_refused(world: World) -> None:
    outcome = world.machine.step("grid-kernel", GRID_KERNEL="6.8.0")
    assert not outcome.ok
    assert "it takes a series such as 6.8" in outcome.output


TEMPLATE = "# comment\nServerAddress=\nFeatureType=0\nEnableUI=TRUE\n#IgnoreSP=FALSE\n"
MODULE = f"/lib/modules/{KERNEL}/kernel/drivers/video/nvidia.ko"


def runfile(world: World, script: str = "") -> dict[str, str]:
    """Microsoft's download, as far as the step goes; gives the environment that points to it."""
    world.runs_kernel(KERNEL)
    world.distribution(*stubs("build-essential", f"linux-headers-{KERNEL}"))
    (world.folder / "nvidia.ko").write_bytes(kernel_module("570.211.01"))
    content = script or (
        'echo "runfile $*" >>/stub/calls\nmkdir -p /etc/nvidia\n'
        f"printf '{TEMPLATE}' >/etc/nvidia/gridd.conf.template\n"
        f"mkdir -p $(dirname {MODULE})\ncurl -so {MODULE} {world.url}/nvidia.ko\ndepmod {KERNEL}\n"
    )
    (world.folder / "grid.run").write_text(content)
    return {
        "GRID_URL": f"{world.url}/grid.run",
        "GRID_SHA256": hashlib.sha256(content.encode()).hexdigest(),
    }


def test_the_driver_is_installed_for_the_pinned_kernel_without_dkms(world: World) -> None:
    environment = runfile(world)
    outcome = world.machine.step_twice("grid-driver", **environment)
    assert f"GRID driver 570.211.01 for kernel {KERNEL}" in outcome.output
    assert world.machine.calls("runfile")[0] == "--silent --disable-nouveau --no-dkms"
    assert world.machine.read("/etc/nvidia/gridd.conf") == (
        "# comment\nServerAddress=\n#IgnoreSP=FALSE\nIgnoreSP=FALSE\nEnableUI=FALSE\n"
    )
    assert "blacklist nouveau" in world.machine.read("/etc/modprobe.d/dstack-nouveau.conf")
    assert not world.machine.exists("/var/tmp/dstack-image/grid.run")


def test_another_checksum_stops_and_leaves_no_file(world: World) -> None:
    environment = runfile(world)
    wrong = "0" * 64
    outcome = world.machine.step("grid-driver", **(environment | {"GRID_SHA256": wrong}))
    assert not outcome.ok
    assert environment["GRID_SHA256"] in outcome.output
    assert f"expected is {wrong}" in outcome.output
    assert not world.machine.exists("/var/tmp/dstack-image/grid.run")
    assert world.machine.calls("runfile") == []
    assert world.machine.version("build-essential") == ""


def test_an_installer_that_builds_no_module_is_an_error(world: World) -> None:
    outcome = world.machine.step("grid-driver", **runfile(world, "exit 0\n"))
    assert not outcome.ok
    assert f"there is no nvidia module for kernel {KERNEL}" in outcome.output


def test_a_failing_installer_shows_the_end_of_its_log(world: World) -> None:
    script = "echo 'gcc is too old' >/var/log/nvidia-installer.log; exit 1\n"
    outcome = world.machine.step("grid-driver", **runfile(world, script))
    assert not outcome.ok
    assert "NVIDIA's installer failed:\ngcc is too old" in outcome.output


def test_missing_inputs_are_named(world: World) -> None:
    outcome = world.machine.step("grid-driver", GRID_URL="http://x/y.run")
    assert not outcome.ok
    assert "must be set in the environment: GRID_SHA256" in outcome.output
