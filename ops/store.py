"""Where records, package lists and bills of materials of bakes are kept."""

from pathlib import Path
from typing import Protocol

from bakery.records.documents import Document
from images.errors import UserError


class Kept(Protocol):
    """Documents by keys such as `records/<bake>.json`."""

    def get(self, key: str) -> bytes | None:
        """None where there is no such document. Raises UserError where nobody may look."""
        ...


class Documents(Kept, Protocol):
    """Those of one stack in one cloud."""

    def put(self, document: Document) -> None:
        """Keeps it. Raises UserError."""
        ...


class Folder:
    """What was fetched before: files of any folder below one, by the last part of their keys.

    Raises UserError where it is none.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise UserError(f"{path} is no folder; it is to be one with what was fetched before")
        self._files = {file.name: file for file in sorted(path.rglob("*")) if file.is_file()}

    def get(self, key: str) -> bytes | None:
        file = self._files.get(key.rpartition("/")[2])
        return file.read_bytes() if file else None
