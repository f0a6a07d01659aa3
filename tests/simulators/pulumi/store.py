"""The folder that all simulated providers and the tests share.

Processes and threads meet here, so every change happens under one lock.
"""

import fcntl
import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.simulators.pulumi.values import Properties


@dataclass(frozen=True)
class Record:
    """One resource as its provider left it."""

    package: str
    kind: str
    name: str
    urn: str
    id: str
    inputs: Properties
    outputs: Properties


class Store:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "calls.jsonl"
        self._resources = folder / "resources"
        self._resources.mkdir(parents=True, exist_ok=True)

    # Resources

    def put(self, record: Record) -> None:
        _write(self._path(record.kind, record.id), asdict(record))

    def get(self, kind: str, id: str) -> Record | None:
        return _record(self._path(kind, id))

    def remove(self, kind: str, id: str) -> None:
        self._path(kind, id).unlink(missing_ok=True)

    def resources(self) -> list[Record]:
        records = map(_record, self._resources.glob("*.json"))
        return sorted(
            filter(None, records), key=lambda record: (record.kind, record.name, record.id)
        )

    def _path(self, kind: str, id: str) -> Path:
        digest = hashlib.sha256(f"{kind} {id}".encode()).hexdigest()[:16]
        return self._resources / f"{kind.rsplit(':', 1)[-1]}-{digest}.json"

    # Documents that several processes write

    @contextmanager
    def locked(self) -> Generator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def document(self, name: str) -> list[Any]:
        try:
            return json.loads((self._folder / f"{name}.json").read_text())
        except FileNotFoundError:
            return []

    def set_document(self, name: str, entries: list[Any]) -> None:
        _write(self._folder / f"{name}.json", entries)

    # The log

    def append(self, entry: Properties) -> None:
        """Add to the log; the store has to be locked."""
        with self._log.open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def log(self) -> list[Properties]:
        with self.locked():
            if not self._log.exists():
                return []
            return [json.loads(line) for line in self._log.read_text().splitlines()]

    def clear_log(self) -> None:
        with self.locked():
            self._log.unlink(missing_ok=True)


def _record(path: Path) -> Record | None:
    """What is in the file, unless the resource has just gone."""
    try:
        return Record(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def _write(path: Path, content: Any) -> None:
    """A reader sees the old file or the new one, never a part."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1))
    new.replace(path)
