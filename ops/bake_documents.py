"""The documents of one bake, as far as a place has them."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bakery.records.documents import (
    Document,
    packages_key,
    record_document,
    record_key,
    sbom_document,
    sbom_key,
)
from bakery.sbom.make import make_names_only
from images.contract import Content
from images.record import BakeRecord, Sbom
from ops.store import Kept


@dataclass(frozen=True)
class BakeDocuments:
    """What a place has of a bake, and whether its bill of materials was `made` just now."""

    record: BakeRecord | None = None
    sbom: bytes | None = None
    made: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.record is not None and self.sbom is not None

    def documents(self) -> Iterator[Document]:
        """Yield the documents as places keep them, the record last."""
        if self.record is not None:
            if self.sbom is not None:
                yield sbom_document(self.record.name, self.sbom)
            yield record_document(self.record)


def gathered(content: Content, place: Kept) -> BakeDocuments:
    """What the place has of the bake of a contract.

    A record of another digest is somebody else's, and so is a bill of materials of another checksum
    than its record's. Where nothing names one, it is made of the package list. Raises UserError
    where nobody may look.
    """
    bake = content.bake
    record = _record(place.get(record_key(bake)))
    if record is not None and record.digest != content.digest:
        record = None
    known = content.sbom or (record and record.sbom)
    body = place.get(sbom_key(bake))
    if body is not None and known and hashlib.sha256(body).hexdigest() != known.sha256:
        body = None
    packages = place.get(packages_key(bake)) if record and not known else None
    if record is None or packages is None:
        return BakeDocuments(record, body)
    sbom, made = _names_only(record, packages.decode(errors="replace"))
    return BakeDocuments(record.model_copy(update={"sbom": sbom}), made, made=True)


def _record(body: bytes | None) -> BakeRecord | None:
    try:
        return BakeRecord.model_validate_json(body) if body else None
    except ValidationError:
        return None


def _names_only(record: BakeRecord, packages: str) -> tuple[Sbom, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sbom"
        return make_names_only(record, packages, file), file.read_bytes()
