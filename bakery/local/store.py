"""The content store of this machine: a folder below the home for each bake."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bakery.adapter import RunFolders
from bakery.files import write_atomic
from bakery.progress import Progress
from bakery.records.inventory import PACKAGES
from bakery.sbom.make import FILE
from images.errors import BakeryError
from images.host import home
from images.job import BakeJob
from images.record import BakeRecord, VerificationRecord

_IMAGE = "image.qcow2"
_RECORD = "record.json"
_Record = TypeVar("_Record", bound=BaseModel)


class Store:
    """Finds and keeps bakes."""

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

    def keep_log(self, bake: str, log: Path) -> None:
        """A log is on this machine already."""

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        folder = _folder(job.bake)
        folder.mkdir(parents=True)
        (folders.work / "output" / job.bake).rename(folder / _IMAGE)
        (folder / _IMAGE).chmod(0o444)
        for name in (PACKAGES, FILE):
            shutil.copyfile(folders.results / name, folder / name)
        write_atomic(folder / _RECORD, record.model_dump_json(indent=2))

    def keep_verification(self, record: VerificationRecord) -> None:
        write_atomic(
            _folder(record.bake) / _verification(record.digest), record.model_dump_json(indent=2)
        )

    def bakes(self) -> Iterator[str]:
        if _store().exists():
            yield from sorted(folder.name for folder in _store().iterdir())

    def is_verified(self, bake: str) -> bool:
        """Whether any verification of the bake has passed."""
        return any(_folder(bake).glob(_verification("*")))

    def folder(self, bake: str) -> Path:
        """Where a bake's files are."""
        return _folder(bake)

    def discard(self, bake: str) -> None:
        shutil.rmtree(_folder(bake))


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
