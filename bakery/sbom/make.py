"""Makes the bill of materials of an image, on the machine that drives the bake."""

import gzip
import hashlib
import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bakery.records.inventory import PACKAGES
from bakery.sbom.database import Database, described, unpack
from bakery.sbom.debsbom import Subject, of_database, of_package_list, tool
from bakery.sbom.document import Contents, completed
from bakery.sbom.validation import validate
from images.errors import BakeryError
from images.record import BakeRecord, Sbom

FILE = "sbom.spdx.json.gz"
_NAMES_ONLY = (
    "Names only: made afterwards of the list of packages, without suppliers, sources and "
    "dependencies."
)


@dataclass(frozen=True)
class Origin:
    """The bake that a document is of. `started`: the date that the document has."""

    bake: str
    variant: str
    digest: str
    started: datetime


def make_sbom(origin: Origin, contents: Contents, results: Path) -> Sbom:
    """Writes the document of what the machine handed out into `results`.

    Returns what the record says of it. Raises BakeryError where it is not valid.
    """
    packages = (results / PACKAGES).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=results) as folder:
        database = unpack(results, Path(folder))
        document = of_database(_subject(origin, packages), database.vendor, database.root)
    whole = completed(document, _distribution(database), contents)
    validate(whole, packages)
    return _kept(whole, results / FILE, names_only=False)


def make_names_only(record: BakeRecord, packages: str, file: Path) -> Sbom:
    """Writes what can be said of a bake from before there were documents, of its package list.

    Returns what the record is to say of it. Raises BakeryError.
    """
    origin = Origin(record.name, record.variant, record.digest, record.started_at)
    contents = Contents(record.docker_images, record.versions.driver)
    with tempfile.TemporaryDirectory() as empty:
        try:
            database = described(Path(empty), _os_release(record.versions.os))
        except ValueError as error:
            raise BakeryError(f"the record of {record.name}: {error}") from None
        document = of_package_list(
            _subject(origin, packages), database.vendor, packages, Path(empty)
        )
    whole = completed(document, _distribution(database), contents, _NAMES_ONLY)
    validate(whole, packages)
    return _kept(whole, file, names_only=True)


def _subject(origin: Origin, packages: str) -> Subject:
    """The namespace is this content's alone: another bake of the digest has other packages."""
    seen = hashlib.sha256(f"{origin.digest} {packages}".encode()).hexdigest()[:16]
    return Subject(
        name=f"dstack-{origin.variant}",
        version=origin.bake,
        namespace=f"https://dstack.ai/sbom/{origin.bake}/{seen}",
        at=origin.started.replace(microsecond=0),
    )


def _distribution(database: Database) -> str:
    return f"{database.vendor}-{database.release}"


def _os_release(pretty: str) -> str:
    """`Ubuntu 24.04.3 LTS` or `Debian GNU/Linux 12 (bookworm)`, as os-release has them."""
    name, *words = pretty.split()
    number = next((word for word in words if word[0].isdigit()), "")
    return f"ID={name.lower()}\nVERSION_ID={'.'.join(number.split('.')[:2])}\n"


def _kept(document: dict[str, Any], file: Path, *, names_only: bool) -> Sbom:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # No time of its own in it.
    body = gzip.compress(text.encode(), mtime=0)
    file.write_bytes(body)
    return Sbom(
        file=FILE,
        sha256=hashlib.sha256(body).hexdigest(),
        tool=tool(),
        names_only=names_only,
    )
