"""The content store of this machine, and folders of published images in this checkout."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bakery.folders import dead_work, sweep
from bakery.local.publish import published
from bakery.local.store import Store, image_file
from bakery.progress import Progress
from config.local import Local
from ops.inventory import Bake, Found, Use, of_record, read_record


@dataclass
class _Work:
    folders: list[Path] = field(default_factory=list[Path])

    def told(self) -> list[str]:
        return [f"the folder of a run, {folder}" for folder in self.folders]


class LocalInventory:
    """What this machine has, whichever stacks of it baked."""

    def __init__(self, chosen: Local) -> None:
        self._chosen, self._store = chosen, Store()

    def bakes(self) -> list[Bake]:
        uses = self._uses()
        return [self._bake(name, uses.get(name, [])) for name in self._store.bakes()]

    def remove(self, bake: Bake, progress: Progress) -> None:
        progress.say(f"removing {bake.name}")
        self._store.discard(bake.name)

    def runs_of(self, owner: str) -> set[str]:
        """None: folders are this machine's own, and those of dead runs go in any case."""
        return set()

    def left(self, run: str, stack: str) -> Found:
        """Folders whose runs are dead, of all stacks: nobody else can be at work with them."""
        return _Work(dead_work())

    def clear(self, found: Found, progress: Progress) -> None:
        assert isinstance(found, _Work)
        if found.folders:
            sweep("", progress)

    def _bake(self, name: str, uses: list[Use]) -> Bake:
        file = image_file(name)
        size = file.stat().st_size / 1e9 if file.exists() else None
        place = Bake(cloud="local", where="this machine", name=name, id=str(file), size_gb=size)
        record, problem = read_record(lambda: self._store.find(name))
        verified = problem is None and self._store.is_verified(name)
        return of_record(place, record, uses, verified=verified, problem=problem)

    def _uses(self) -> dict[str, list[Use]]:
        found: dict[str, list[Use]] = {}
        for name, use in self._published():
            found.setdefault(name, []).append(use)
        return found

    def _published(self) -> Iterator[tuple[str, Use]]:
        for name, label in published(self._chosen.place):
            where = f"{self._chosen.place}/{name}.qcow2"
            yield label.bake, Use(stack=label.stack, release=name, where=where)
