"""What is kept beside content for people to read: the same files in every cloud."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bakery.records.inventory import PACKAGES
from bakery.sbom.make import FILE
from images.record import BakeRecord, VerificationRecord

_TEXT = "text/plain; charset=utf-8"
_COMPRESSED = "application/gzip"
_SUFFIX = FILE.partition(".")[2]


@dataclass(frozen=True)
class Document:
    """A file in a bucket or a container."""

    key: str
    body: bytes
    content_type: str = _TEXT


def documents(results: Path, record: BakeRecord) -> Iterator[Document]:
    """Package list, bill of materials and record, which goes last."""
    bake = record.name
    yield Document(f"packages/{bake}.txt", (results / PACKAGES).read_bytes())
    if record.sbom is not None:
        body = (results / record.sbom.file).read_bytes()
        yield Document(f"sboms/{bake}.{_SUFFIX}", body, _COMPRESSED)
    yield Document(f"records/{bake}.json", record.model_dump_json(indent=2).encode())


def verification_document(record: VerificationRecord) -> Document:
    """The record of a verification that passed."""
    key = f"records/{record.bake}-verified-{record.digest[:12]}.json"
    return Document(key, record.model_dump_json(indent=2).encode())
