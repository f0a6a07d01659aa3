"""What is kept beside content for people to read: the same files in every cloud."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bakery.records.inventory import PACKAGES
from bakery.sbom.make import FILE
from images.record import BakeRecord, VerificationRecord

_TEXT = "text/plain; charset=utf-8"
_COMPRESSED = "application/gzip"
#: Of a bill of materials that is named after its bake.
SBOM_SUFFIX = FILE.partition(".")[2]


@dataclass(frozen=True)
class Document:
    """A file in a bucket or a container."""

    key: str
    body: bytes
    content_type: str = _TEXT


def documents(results: Path, record: BakeRecord) -> Iterator[Document]:
    """Package list, bill of materials and record, which goes last."""
    bake = record.name
    yield Document(packages_key(bake), (results / PACKAGES).read_bytes())
    if record.sbom is not None:
        yield sbom_document(bake, (results / record.sbom.file).read_bytes())
    yield record_document(record)


def packages_key(bake: str) -> str:
    """Where the package list of a bake is."""
    return f"packages/{bake}.txt"


def sbom_key(bake: str) -> str:
    """Where the bill of materials of a bake is."""
    return f"sboms/{bake}.{SBOM_SUFFIX}"


def record_key(bake: str) -> str:
    """Where the record of a bake is."""
    return f"records/{bake}.json"


def sbom_document(bake: str, body: bytes) -> Document:
    """A bill of materials as it is kept, compressed."""
    return Document(sbom_key(bake), body, _COMPRESSED)


def record_document(record: BakeRecord) -> Document:
    """The record of a bake."""
    return Document(record_key(record.name), record.model_dump_json(indent=2).encode())


def log_document(bake: str, log: Path) -> Document:
    """The log of a run for a bake."""
    return Document(f"logs/{bake}/{log.name}", log.read_bytes())


def verification_document(record: VerificationRecord) -> Document:
    """The record of a verification that passed."""
    key = f"records/{record.bake}-verified-{record.digest[:12]}.json"
    return Document(key, record.model_dump_json(indent=2).encode())
