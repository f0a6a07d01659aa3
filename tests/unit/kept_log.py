"""What becomes of a log at the end of a run."""

from pathlib import Path

from bakery.adapter import Adapter
from bakery.cleanup import log_kept
from bakery.progress import Progress
from tests.fakes.bake_jobs import BAKE


def end_run(adapter: Adapter, folder: Path) -> None:
    """Ends a run that has said something."""
    log = folder / "x.log"
    log.write_text("said", encoding="utf-8")
    with log_kept(BAKE, log, adapter, Progress()):
        pass
