"""Gives local content its release name in a folder, and takes it away again."""

import hashlib
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from bakery.checksum import sha256_of
from bakery.files import write_atomic
from bakery.folders import lock_file
from bakery.local.store import Store, image_file
from bakery.lock import wait_lock
from bakery.packer.program import PROJECT
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import PublishJob
from images.local import LocalPlace
from images.local_publication import LocalPublication
from images.record import BakeRecord, Fact


class Label(Fact):
    """Says beside a published image whose it is: only its owner replaces or removes it."""

    stack: str
    bake: str
    publication: str


def publish(job: PublishJob, progress: Progress) -> LocalPublication:
    """Copies the content to `<place>/<name>.qcow2`. Raises BakeryError when the name is taken."""
    with wait_lock(_lock_file(job)):
        return _publish(job, progress)


def unpublish(job: PublishJob, answer: str, progress: Progress) -> None:
    """Removes the name, unless it means something else by now.

    That is another stack's image, another bake, or this bake published anew: Pulumi makes what
    replaces a publication before it removes the one before. `answer` is that of the publication
    whose end has come.
    """
    with wait_lock(_lock_file(job)):
        _unpublish(job, answer, progress)


def published(place: str) -> Iterator[tuple[str, Label]]:
    """Names of a folder of the checkout, and whose they are."""
    for file in sorted((PROJECT / place).glob(".*.json")):
        if owner := _owner(file):
            yield file.name.removeprefix(".").removesuffix(".json"), owner


def _lock_file(job: PublishJob) -> Path:
    """One for a folder: images come and go in it together with the folder itself."""
    folder = str((PROJECT / job.place).resolve())
    return lock_file(f"publish-{hashlib.sha256(folder.encode()).hexdigest()[:12]}")


def _publish(job: PublishJob, progress: Progress) -> LocalPublication:
    image, label = _files(job)
    record = _record(job.bake)
    owner = _owner(label)
    if owner is None and image.exists():
        raise BakeryError(
            f"{image} exists and no stack has published it; move it away or choose another "
            "dstack-images:clouds.local.place"
        )
    if owner is not None and owner.stack != job.stack:
        raise BakeryError(f"{image} belongs to the stack {owner.stack}; choose another prefix")
    image.parent.mkdir(parents=True, exist_ok=True)
    progress.say(f"publishing {image}")
    draft = image.with_suffix(".draft")
    try:
        # A copy that shares blocks where the file system can, and stays sparse where it cannot.
        subprocess.run(
            ["cp", "--reflink=auto", "--sparse=always", str(image_file(record.name)), str(draft)],
            check=True,
            capture_output=True,
            text=True,
        )
        checksum, size = sha256_of(draft), draft.stat().st_size
        if checksum != record.sha256:
            raise BakeryError(
                f"{image_file(record.name)} is not what its record says (SHA-256 {checksum}); "
                f"remove it with `python -m ops discard {record.name}` and run again"
            )
        draft.chmod(0o644)
        own = Label(stack=job.stack, bake=job.bake, publication=secrets.token_hex(8))
        write_atomic(label, own.model_dump_json())
        draft.rename(image)
    except subprocess.CalledProcessError as error:
        raise BakeryError(f"cannot copy to {image}: {error.stderr.strip()}") from None
    finally:
        draft.unlink(missing_ok=True)
    progress.say(
        f"{job.name} is published: {image}, {size / (1 << 20):.0f} MiB, digest "
        f"{record.digest[:12]}, {record.versions.os}, kernel {record.versions.kernel}, Docker "
        f"{record.versions.docker}"
    )
    place = LocalPlace(path=str(image), size_bytes=size, sha256=checksum)
    return LocalPublication(place=place, id=own.publication)


def _unpublish(job: PublishJob, answer: str, progress: Progress) -> None:
    image, label = _files(job)
    owner = _owner(label)
    if owner is None or (owner.stack, owner.bake) != (job.stack, job.bake):
        progress.say(f"{image} is not this stack's {job.bake}: left alone")
        return
    if owner.publication != _id(answer):
        progress.say(f"{image} has been published anew: left alone")
        return
    for file in (image, image.with_suffix(".draft"), label):
        file.unlink(missing_ok=True)
    with suppress(OSError):
        # The last one takes the folder with it.
        image.parent.rmdir()


def _files(job: PublishJob) -> tuple[Path, Path]:
    folder = PROJECT / job.place
    return folder / f"{job.name}.qcow2", folder / f".{job.name}.json"


def _id(answer: str) -> str:
    try:
        return LocalPublication.model_validate_json(answer).id
    except ValidationError:
        raise BakeryError("what published this has not said what it published") from None


def _record(bake: str) -> BakeRecord:
    record = Store().find(bake)
    if record is None:
        raise ContentMissing(bake)
    return record


def _owner(label: Path) -> Label | None:
    try:
        return Label.model_validate_json(label.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise BakeryError(f"{label} is corrupt; remove it and the image beside it") from None
