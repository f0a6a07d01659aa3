"""What surrounds a scenario's machine: the distribution and the vendors, all of stubs."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.image.chroot.machine import Machine
from tests.image.repositories.package import Package, kernel_module
from tests.image.repositories.repository import Repository
from tests.image.repositories.server import serve
from tests.image.repositories.signing import SigningKey

KERNEL = "6.8.0-1021-azure"


@dataclass(frozen=True)
class World:
    """A machine and the repositories that it reaches."""

    machine: Machine
    folder: Path
    url: str
    key: SigningKey

    def repository(self, name: str) -> Repository:
        """A repository of that name, signed by the vendors' common key."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Repository(folder, f"{self.url}/{name}", self.key)

    def distribution(self, *packages: Package) -> None:
        """Make these the packages of the distribution, and the only source of the machine."""
        repository = self.repository("distribution")
        repository.publish(packages)
        keyring = "/etc/apt/keyrings/distribution.asc"
        entry = f"deb [signed-by={keyring}] {repository.url} /\n"
        files = {keyring: self.key.public().decode(), "/etc/apt/sources.list": entry}
        self.machine.write_all(files)

    def runs_kernel(self, kernel: str) -> None:
        """The machine has this kernel and runs it."""
        self.machine.write_all({"/stub/kernel": f"{kernel}\n", f"/boot/vmlinuz-{kernel}": ""})


@contextmanager
def world(folder: Path, like: Machine, key: SigningKey) -> Generator[World]:
    """A machine with nothing but the distribution's base, and a server for repositories."""
    served = folder / "served"
    served.mkdir()
    machine = Machine(folder, like)
    try:
        with serve(served) as url:
            yield World(machine, served, url, key)
    finally:
        machine.remove()


def stubs(*names: str, version: str = "0.1-1") -> list[Package]:
    """Empty packages."""
    return [Package(name, version) for name in names]


def module_package(name: str, version: str, kernel: str, package_version: str = "") -> Package:
    """A package that brings NVIDIA's kernel module, as if it had been built."""
    return Package(
        name,
        package_version or f"{version}-1ubuntu1",
        files={f"/lib/modules/{kernel}/updates/dkms/nvidia.ko": kernel_module(version)},
        postinst=f"depmod {kernel}",
    )
