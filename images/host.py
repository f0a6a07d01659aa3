"""What set-up found out about this machine: the contract between tools/ and everything else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from images.errors import HostError

#: How QEMU runs a guest: on the processor itself, or emulated.
Accelerator = Literal["kvm", "tcg"]

FILE = "machine.json"
_ADVICE = "run `make setup`"


class Source(BaseModel):
    """The disk that local images start from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Part of every local image's digest, so it changes when the content may have."""
    file: Path
    sha256: str


class Demo(BaseModel):
    """Docker images to pre-pull where no public registry answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: list[str]
    """Repository, tag and digest, without a registry: `factory-demo/hello:1@sha256:...`."""
    registry: Path
    """Storage folder to serve with docker-registry."""


class Firmware(BaseModel):
    """UEFI for virtual machines, as flash: code, and a template of the variables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Path
    variables: Path


class Host(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    accelerator: Accelerator
    firmware: Firmware
    prepull: Demo | None


def home() -> Path:
    """The folder of everything that set-up keeps between checkouts."""
    if chosen := os.environ.get("DSTACK_IMAGES_HOME"):
        return Path(chosen).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dstack-images"


def read(home: Path) -> Host:
    file = home / FILE
    try:
        machine = Host.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise HostError(f"this machine is not set up ({file} is missing): {_ADVICE}") from None
    except OSError as error:
        raise HostError(f"cannot read {file} ({error.strerror}): {_ADVICE}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise HostError(f"{file} is damaged ({place}: {first['msg']}): {_ADVICE}") from None
    needed = (machine.source.file, machine.firmware.code, machine.firmware.variables)
    gone = [path for path in needed if not path.is_file()]
    if machine.prepull and not machine.prepull.registry.is_dir():
        gone.append(machine.prepull.registry)
    if gone:
        names = ", ".join(str(path) for path in gone)
        raise HostError(f"{file} names what is no longer there ({names}): {_ADVICE}")
    return machine
