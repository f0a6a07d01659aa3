"""This machine: what the bakery has to know of it, and where its images are."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from images.host import Accelerator, Firmware
from images.record import Fact

#: The one place of a machine.
HERE = "here"


class LocalTarget(Fact):
    """A machine of QEMU on this machine."""

    cloud: Literal["local"] = "local"
    source_file: Path
    source_sha256: str
    firmware: Firmware
    accelerator: Accelerator
    cpus: int
    memory_mb: int
    demo_registry: Path | None = Field(
        description="Storage of the registry that stands in where no public one answers."
    )


class LocalPlace(Fact):
    """A qcow2 file on the machine that made it."""

    cloud: Literal["local"] = "local"
    path: str
    size_bytes: int
    sha256: str

    def ids(self) -> dict[str, str]:
        """Place to id: one place."""
        return {HERE: self.path}
