"""Where things are kept on this machine, below the home that DSTACK_IMAGES_HOME names."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bakery.adapter import RunFolders
from bakery.lock import Busy, try_lock
from bakery.packer.runner import end_group
from bakery.progress import Progress
from images.host import home

_TEMPORARY = "temporary"


def lock_file(name: str) -> Path:
    """The lock of one bake."""
    return home() / "locks" / f"{name}.lock"


@contextmanager
def bake_locked(bake: str) -> Generator[None]:
    """Holds a bake, so that its content can be removed. Raises Busy where a run is at work on it.

    A verification and an export read the content under locks of their own.
    """
    with ExitStack() as held:
        for name in (bake, f"{bake}-verify", f"{bake}-export"):
            held.enter_context(try_lock(lock_file(name)))
        yield


def log_file(name: str, what: str) -> Path:
    """A new log. DSTACK_IMAGES_LOGS moves the folder."""
    folder = Path(os.environ.get("DSTACK_IMAGES_LOGS") or home() / "logs") / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{what}.log"


def sweep(name: str, progress: Progress) -> None:
    """Removes what killed runs left: Packer, its machine, its files.

    To be called with this name's lock held. Runs of other names are looked at too, since nobody
    may ever ask for their content again: those whose lock is free are dead.
    """
    for work in sorted((home() / "work").glob("*")):
        if work.name == name:
            _remove(work, progress)
        else:
            with suppress(Busy), try_lock(lock_file(work.name)):
                _remove(work, progress)


def dead_work() -> list[Path]:
    """Folders of runs that are not at work any more."""
    dead: list[Path] = []
    for work in sorted((home() / "work").glob("*")):
        with suppress(Busy), try_lock(lock_file(work.name)):
            dead.append(work)
    return dead


def _remove(work: Path, progress: Progress) -> None:
    progress.say(f"removing what an earlier run left behind in {work}")
    end_group(work)
    marker = work / _TEMPORARY
    if marker.exists():
        shutil.rmtree(marker.read_text(encoding="utf-8"), ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)


@contextmanager
def work_folder(name: str) -> Generator[RunFolders]:
    """Folders for one run. They go at its end, whatever that is."""
    work = home() / "work" / name
    results = work / "results"
    results.mkdir(parents=True)
    temporary = Path(tempfile.mkdtemp(prefix="dstack-bake-"))
    (work / _TEMPORARY).write_text(str(temporary), encoding="utf-8")
    try:
        yield RunFolders(work, temporary, results)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)
