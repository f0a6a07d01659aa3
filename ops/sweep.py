"""Remove what runs have left that were cut off: machines, disks, networks, half-made images.

What is over by its own tags goes, of the stacks that are named; on AWS, snapshots of copies that
are gone too. With --run also what is not over
yet, of that run: its name is what DSTACK_IMAGES_RUN_OWNER was, and it must not be at work any more.
What still cleans up after itself on this machine is waited for, if --yes is given.
"""

import json
import os
import time
from argparse import Namespace
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from rich.console import Console
from rich.markup import escape
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_fixed,
)

from bakery.folders import lock_file
from bakery.lock import Busy, try_lock
from bakery.progress import Progress
from bakery.run_owner import VARIABLE
from config.settings import Settings
from images.catalog import Cloud
from images.errors import UserError
from ops.clouds import operations_of
from ops.command import FAILED, FINE, Subparsers, add_json
from ops.places import add_stacks, chosen
from ops.stacks import settings_of

#: Seconds for which Packer may still be removing its machine here. The steps of a cancelled job
#: have five minutes together ("Workflow cancellation reference", GitHub Docs).
PATIENCE = 200.0


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "sweep", help="remove what dead runs have left", description=__doc__
    )
    add_stacks(parser)
    parser.add_argument("--run", metavar="ID", dest="owner", help="a run that was cut off")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Removes or tells; 1 where a cloud could not be asked, or somebody is at work."""
    sweeper = _Sweeper(arguments.owner, really=arguments.yes)
    for stack in chosen(arguments.stack):
        sweeper.sweep(stack)
    if arguments.json:
        print(json.dumps({"left": sweeper.told, "problems": sweeper.problems}, indent=2))
    else:
        verb = "removed" if arguments.yes else "would remove"
        for one in sweeper.told:
            console.print(f"{verb} {escape(one)}", soft_wrap=True)
        for problem in sweeper.problems:
            console.print(f"[red]problem:[/] {escape(problem)}", soft_wrap=True)
        if not sweeper.told and not sweeper.problems:
            console.print("nothing is left of any run")
        elif sweeper.told and not arguments.yes:
            console.print("add --yes to do it")
    return FAILED if sweeper.problems else FINE


@dataclass
class _Swept:
    """What one cloud had, and what went wrong there."""

    told: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])


class _Sweeper:
    """Goes through places; a cloud that cannot be asked does not keep it from the others."""

    def __init__(self, owner: str | None, *, really: bool) -> None:
        self._owner, self._really = owner, really
        # For all runs together: what follows a cancelled job of GitHub's has five minutes in all.
        self._end = time.monotonic() + PATIENCE
        self._interrupted = Event()
        self._told: dict[str, None] = {}
        self.problems: list[str] = []

    @property
    def told(self) -> list[str]:
        """What was found, each once."""
        return list(self._told)

    def sweep(self, stack: str) -> None:
        """Goes through a stack's places, all clouds at once."""
        try:
            settings = settings_of(stack)
        except UserError as error:
            self.problems.append(f"{stack}: {error}")
            return
        with _as_owner(self._owner), ThreadPoolExecutor() as pool:
            try:
                one = partial(self._cloud, settings, stack)
                for swept in pool.map(one, settings.clouds.selected()):
                    self._told |= dict.fromkeys(swept.told)
                    self.problems += swept.problems
            except KeyboardInterrupt:
                self._interrupted.set()
                raise

    def _cloud(self, settings: Settings, stack: str, cloud: Cloud) -> _Swept:
        swept = _Swept()
        try:
            place = operations_of(settings, cloud).inventory()
            runs = place.runs_of(self._owner) if self._owner else set[str]()
        except UserError as error:
            swept.problems.append(str(error))
            return swept
        for run in sorted(runs) or [""]:
            try:
                with ExitStack() as locks:
                    if run:
                        self._hold(run, locks)
                    found = place.left(run, stack)
                    if self._really:
                        place.clear(found, Progress())
                    swept.told += [f"{one} ({cloud})" for one in found.told()]
            except Busy:
                swept.problems.append(f"{cloud}: a run on this machine is busy with {run}")
            except UserError as error:
                swept.problems.append(f"{cloud}: {error}")
        return swept

    def _hold(self, run: str, locks: ExitStack) -> None:
        """Takes the run's lock. Raises Busy where somebody has it, after a while for a removal."""

        def tell(state: RetryCallState) -> None:
            if state.attempt_number == 1:
                Progress().say(f"waiting until {run} is cleaned up (at most {PATIENCE:.0f} s)")

        waiting = Retrying(
            retry=retry_if_exception_type(Busy),
            stop=stop_after_delay(max(0, self._end - time.monotonic()) if self._really else 0)
            | stop_when_event_set(self._interrupted),
            wait=wait_fixed(1),
            sleep=sleep_using_event(self._interrupted),
            before_sleep=tell,
            reraise=True,
        )
        waiting(lambda: locks.enter_context(try_lock(lock_file(run))))


@contextmanager
def _as_owner(owner: str | None) -> Generator[None]:
    """Look as the owner of a run would: what is its own is known by its name."""
    before = os.environ.get(VARIABLE)
    if owner:
        os.environ[VARIABLE] = owner
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before
