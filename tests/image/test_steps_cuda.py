"""The step that installs NVIDIA's driver, against a stub of NVIDIA's CUDA repository."""

import pytest

from tests.image.chroot.world import KERNEL, World, module_package, stubs
from tests.image.repositories.package import Package
from tests.image.repositories.signing import signing_key

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

DRIVER = "580.95.05"
DCGM = (
    "datacenter-gpu-manager-4-core",
    "datacenter-gpu-manager-4-proprietary",
    "datacenter-gpu-manager-exporter",
)
MODULE = "nvidia-dkms-open"
PARTS = "libnvidia-compute, nvidia-driver-assistant"
#: As NVIDIA's pinning package does it.
PIN = b"Package: *nvidia*\nPin: version 580.*\nPin-Priority: 1000\n"


def driver(version: str, *, module: bool = True, kernel: str = KERNEL) -> list[Package]:
    """Packages of one driver release; `kernel` is the one that DKMS built the module for."""
    return [
        Package("nvidia-open", f"{version}-1ubuntu1", f"{MODULE} (>= {version}), {PARTS}"),
        Package("nvidia-driver-assistant", "0.23-1"),
        Package("libnvidia-compute", f"{version}-1ubuntu1"),
        *([module_package(MODULE, version, kernel)] if module else []),
    ]


def vendor(world: World, *packages: Package) -> dict[str, str]:
    """NVIDIA's repository; gives the environment that points to it."""
    repository = world.repository("cuda")
    key_file = f"{world.key.fingerprint[-8:].lower()}.pub"
    pinning = Package(
        "nvidia-driver-pinning-580",
        "580-1",
        files={"/etc/apt/preferences.d/nvidia-driver-pinning-580": PIN},
    )
    repository.publish([pinning, *stubs(*DCGM), *packages], key_file=key_file, label="NVIDIA CUDA")
    world.distribution(*stubs("build-essential", f"linux-headers-{KERNEL}"))
    world.runs_kernel(KERNEL)
    return {
        "NVIDIA_BRANCH": "580",
        "CUDA_REPOSITORY": repository.url,
        "CUDA_KEY_FINGERPRINT": world.key.fingerprint,
    }


def manager(version: str) -> Package:
    return Package("nvidia-fabricmanager", f"{version}-1")


def test_installs_one_version_of_the_branch_and_holds_it(world: World) -> None:
    newer = "590.10.01"  # the pinning package has to keep it away
    others = (*driver(newer), manager(newer), manager("580.65.06"))
    environment = vendor(world, *driver(DRIVER), manager(DRIVER), *others)
    outcome = world.machine.step_twice("cuda", **environment)
    assert f"driver {DRIVER} for kernel {KERNEL}" in outcome.output
    assert world.machine.version("nvidia-open") == f"{DRIVER}-1ubuntu1"
    assert world.machine.version("nvidia-fabricmanager") == f"{DRIVER}-1"
    assert world.machine.version(f"linux-headers-{KERNEL}") != ""
    assert "enable nvidia-fabricmanager.service" in world.machine.calls("systemctl")
    assert world.machine.held() == {
        *("nvidia-open", "libnvidia-compute", MODULE, "nvidia-fabricmanager"),
        *("nvidia-driver-pinning-580", "nvidia-driver-assistant", *DCGM),
    }


def test_headers_come_before_the_driver_that_is_built_with_them(world: World) -> None:
    environment = vendor(world, *driver(DRIVER), manager(DRIVER))
    outcome = world.machine.step("cuda", **environment)
    assert outcome.ok, outcome.output
    order = [
        outcome.output.index(f"Setting up {package} ")
        for package in (f"linux-headers-{KERNEL}", "nvidia-driver-pinning-580", MODULE)
    ]
    assert order == sorted(order)


def test_driver_and_fabric_manager_must_agree(world: World) -> None:
    other = "580.65.06"
    environment = vendor(world, *driver(DRIVER), manager(other))
    outcome = world.machine.step("cuda", **environment)
    assert not outcome.ok
    assert (
        f"driver and fabric manager must have one version, found {other} and {DRIVER}"
        in outcome.output
    )
    assert f"{other} nvidia-fabricmanager" in outcome.output


def test_a_part_of_the_driver_must_not_differ_either(world: World) -> None:
    """A pin of the meta package does not pin its parts."""
    packages = [p for p in driver(DRIVER) if p.name != "libnvidia-compute"]
    part = Package("libnvidia-compute", "580.105.08-1ubuntu1")
    outcome = world.machine.step("cuda", **vendor(world, *packages, part, manager(DRIVER)))
    assert not outcome.ok
    assert "580.105.08 libnvidia-compute" in outcome.output


def test_a_module_of_another_version_than_its_package_is_seen(world: World) -> None:
    module = module_package(MODULE, "580.65.06", KERNEL, package_version=f"{DRIVER}-1ubuntu1")
    packages = (*driver(DRIVER, module=False), module, manager(DRIVER))
    outcome = world.machine.step("cuda", **vendor(world, *packages))
    assert not outcome.ok
    assert f"580.65.06 module for kernel {KERNEL}" in outcome.output


def test_a_module_that_was_not_built_for_the_kernel_is_an_error(world: World) -> None:
    built_for = "6.8.0-1019-azure"
    environment = vendor(world, *driver(DRIVER, kernel=built_for), manager(DRIVER))
    outcome = world.machine.step("cuda", **environment)
    assert not outcome.ok
    assert f"there is no nvidia module for kernel {KERNEL}" in outcome.output
    assert f"modules are there for: {built_for}" in outcome.output


def test_nothing_is_built_for_a_kernel_that_will_not_boot(world: World) -> None:
    environment = vendor(world, *driver(DRIVER), manager(DRIVER))
    world.machine.write("/boot/vmlinuz-6.8.0-1030-azure", "")
    outcome = world.machine.step("cuda", **environment)
    assert not outcome.ok
    assert f"runs kernel {KERNEL} but will boot 6.8.0-1030-azure" in outcome.output
    assert world.machine.version("nvidia-open") == ""


def test_another_branch_than_the_wanted_is_an_error(world: World) -> None:
    pinning = Package("nvidia-driver-pinning-570", "570-1")
    environment = vendor(world, *driver(DRIVER), manager(DRIVER), pinning)
    outcome = world.machine.step("cuda", **(environment | {"NVIDIA_BRANCH": "570"}))
    assert not outcome.ok
    assert f"the driver is {DRIVER}, not of branch 570" in outcome.output


def test_the_distribution_does_not_replace_the_vendor(world: World) -> None:
    environment = vendor(world, *driver(DRIVER), manager(DRIVER))
    base = stubs("build-essential", f"linux-headers-{KERNEL}")
    world.distribution(*base, *stubs(*DCGM, version="9.9-1"))
    outcome = world.machine.step("cuda", **environment)
    assert outcome.ok, outcome.output
    assert [world.machine.version(package) for package in DCGM] == ["0.1-1"] * 3


def test_another_key_stops_before_anything_is_installed(world: World) -> None:
    environment = vendor(world, *driver(DRIVER), manager(DRIVER))
    with signing_key("stranger") as stranger:
        for path in (world.folder / "cuda").glob("*.pub"):
            path.write_bytes(stranger.public())
        outcome = world.machine.step("cuda", **environment)
        assert not outcome.ok
        assert f"has the fingerprint {stranger.fingerprint}" in outcome.output
    assert world.machine.version("build-essential") == ""
    assert world.machine.version("nvidia-driver-pinning-580") == ""


@pytest.mark.parametrize("branch", ["", "580-open"])
def test_a_malformed_branch_is_refused(world: World, branch: str) -> None:
    outcome = world.machine.step("cuda", NVIDIA_BRANCH=branch)
    assert not outcome.ok
    assert "NVIDIA_BRANCH" in outcome.output
