"""This machine's: files of a bake's own folder, without its name."""

from pathlib import Path

from bakery.files import write_atomic
from bakery.local.store import Store
from bakery.records.documents import Document
from bakery.records.inventory import PACKAGES
from bakery.sbom.make import FILE

_FILES = {"records": "record.json", "packages": PACKAGES, "sboms": FILE}


class LocalDocuments:
    """Documents of all bakes of this machine."""

    def get(self, key: str) -> bytes | None:
        file = _file(key)
        return file.read_bytes() if file.is_file() else None

    def put(self, document: Document) -> None:
        write_atomic(_file(document.key), document.body)


def _file(key: str) -> Path:
    folder, _, name = key.partition("/")
    return Store().folder(name.partition(".")[0]) / _FILES[folder]
