"""This machine as a cloud: QEMU makes machines, a folder below the home keeps what they become."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bakery.adapter import Made, Session, Workplace
from bakery.checksum import sha256_of
from bakery.errors import BakeryError
from bakery.local.demo_registry import registry_command
from bakery.local.seed import write_seed
from bakery.progress import Progress
from bakery.whole import write_whole
from images.job import BakeJob, Job, LocalTarget, VerifyJob
from images.machine import home
from images.record import BakeRecord, VerificationRecord

_IMAGE = "image.qcow2"
_RECORD = "record.json"
_PACKAGES = "packages.txt"
_Record = TypeVar("_Record", bound=BaseModel)
#: Room that a bake takes while it runs: the growing disk and its compacted copy.
_ROOM_GB = 4
#: Software emulation is slow to boot.
_SSH_TIMEOUT = {"kvm": "5m", "tcg": "15m"}
_REBOOT_PAUSE = {"kvm": "5s", "tcg": "40s"}


class Local:
    """The content store of this machine."""

    credentials: re.Pattern[str] | None = None

    def find(self, bake: str) -> BakeRecord | None:
        folder = _folder(bake)
        record = _read(folder / _RECORD, BakeRecord, bake)
        if record is None:
            return None
        image = folder / _IMAGE
        if not image.exists() or image.stat().st_size != record.size_bytes:
            raise BakeryError(
                f"{image} is missing or not as long as its record says; remove the bake with "
                f"`python -m ops discard {bake}` and run again"
            )
        return record

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        return _read(_folder(bake) / _verification(digest), VerificationRecord, bake)

    def sweep(self, bake: str, progress: Progress) -> None:
        folder = _folder(bake)
        if folder.exists():
            progress.say(f"removing a bake that was never completed: {folder}")
            shutil.rmtree(folder)

    def preflight(self, job: Job) -> None:
        for program in ("qemu-system-x86_64", "qemu-img", "ssh-keygen"):
            if shutil.which(program) is None:
                raise BakeryError(f"there is no {program} on PATH; run `make setup`")
        if isinstance(job, BakeJob):
            _check_source(job.target)
        store = home()
        free = shutil.disk_usage(store).free
        if free < _ROOM_GB << 30:
            raise BakeryError(
                f"{store} has {free / (1 << 30):.1f} GiB free; a bake needs {_ROOM_GB}. Make room "
                "(`python -m ops list` shows what old bakes take) or move DSTACK_IMAGES_HOME"
            )

    def prepare(self, job: Job, place: Workplace, progress: Progress) -> Session:
        target = job.target
        fresh = isinstance(job, VerifyJob)
        source = image_file(job.bake) if fresh else target.source_file
        mirror = ""
        beside: list[list[str]] = []
        if target.demo_registry is not None and not fresh:
            command, port = registry_command(target.demo_registry, place.work)
            beside.append(command)
            # 10.0.2.2 is this machine as QEMU's user network shows it to the guest.
            mirror = f"http://10.0.2.2:{port}"
            progress.say(
                "no public Docker registry answers: a demonstration image comes from a registry "
                "on this machine"
            )
        variables: dict[str, object] = {
            "source": str(source),
            "source_checksum": "none" if fresh else f"sha256:{target.source_sha256}",
            "throw_away": fresh,
            "output": str(place.work / "output"),
            "accelerator": target.accelerator,
            "cpu": "host" if target.accelerator == "kvm" else "max",
            "firmware": str(target.firmware),
            "cpus": target.cpus,
            "memory_mb": target.memory_mb,
            "disk_gb": job.disk_gb,
            "seed": str(place.work / "seed"),
            "ssh_private_key_file": str(write_seed(place.work)),
            "ssh_timeout": _SSH_TIMEOUT[target.accelerator],
            "reboot_pause": _REBOOT_PAUSE[target.accelerator],
            "registry_mirror": mirror,
        }
        return Session(variables, beside)

    def collect(self, job: BakeJob, place: Workplace) -> Made:
        image = place.work / "output" / job.bake
        return Made(
            source=f"sha256:{job.target.source_sha256}",
            image_id=str(image_file(job.bake)),
            size_bytes=image.stat().st_size,
            sha256=sha256_of(image),
        )

    def complete(self, job: BakeJob, place: Workplace, record: BakeRecord) -> None:
        folder = _folder(job.bake)
        folder.mkdir(parents=True)
        (place.work / "output" / job.bake).rename(folder / _IMAGE)
        (folder / _IMAGE).chmod(0o444)
        shutil.copyfile(place.results / _PACKAGES, folder / _PACKAGES)
        write_whole(folder / _RECORD, record.model_dump_json(indent=2))

    def keep_verification(self, record: VerificationRecord) -> None:
        write_whole(
            _folder(record.bake) / _verification(record.digest), record.model_dump_json(indent=2)
        )

    def bakes(self) -> Iterator[str]:
        if _store().exists():
            yield from sorted(folder.name for folder in _store().iterdir())

    def is_verified(self, bake: str) -> bool:
        """Whether any verification of the bake has passed."""
        return any(_folder(bake).glob(_verification("*")))

    def discard(self, bake: str) -> None:
        shutil.rmtree(_folder(bake))


def _check_source(target: LocalTarget) -> None:
    if not target.source_file.exists():
        raise BakeryError(f"the base image {target.source_file} is gone; run `make setup`")
    checksum = sha256_of(target.source_file)
    if checksum != target.source_sha256:
        raise BakeryError(
            f"the base image {target.source_file} is not the one that set-up made (SHA-256 "
            f"{checksum}, expected {target.source_sha256}); remove it and run `make setup`"
        )


def image_file(bake: str) -> Path:
    """The qcow2 file of a bake."""
    return _folder(bake) / _IMAGE


def _store() -> Path:
    return home() / "store"


def _folder(bake: str) -> Path:
    return _store() / bake


def _verification(digest: str) -> str:
    return f"verification-{digest[:12]}.json"


def _read(file: Path, model: type[_Record], bake: str) -> _Record | None:
    try:
        return model.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise BakeryError(
            f"{file} is corrupt; remove the bake with `python -m ops discard {bake}` and run again"
        ) from None
