"""What has to be done in a cloud after a run of Packer, however it ended."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bakery.adapter import Adapter
from bakery.progress import Progress
from bakery.scrub import scrub_file
from images.errors import BakeryError


@contextmanager
def log_kept(bake: str, log: Path, adapter: Adapter, progress: Progress) -> Generator[None]:
    """Hands the log of the run inside to the cloud at its end: that of a failure is wanted most.

    Where the cloud does not take it, that may be why the run failed: it is told, no more.

    Without secrets, here too: a workflow's logs can be read by whoever reads its repository. The
    supervisor sees to that as well, unless it was killed.
    """
    try:
        yield
    finally:
        if log.exists():
            scrub_file(log)
            try:
                adapter.keep_log(bake, log)
            except BakeryError as error:
                progress.say(f"the log is on this machine alone: {error}")


@contextmanager
def swept_on_failure(name: str, adapter: Adapter, progress: Progress) -> Generator[None]:
    """Removes what a run that failed has left. Packer does so itself, unless it was killed."""
    try:
        yield
    except BaseException:
        sweep_quietly(name, adapter, progress)
        raise


def sweep_quietly(name: str, adapter: Adapter, progress: Progress) -> None:
    """Sweeps; a failure is only told, since the next run sweeps too."""
    try:
        adapter.sweep(name, progress)
    except BakeryError as error:
        progress.say(f"the next run will remove what is left of {name}: {error}")
