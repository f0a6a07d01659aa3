"""Remove what runs have left that were cut off: machines, disks, networks, half-made images.

What is over by its own tags goes, of the stacks that are named. With --run also what is not over
yet, of that run: its name is what DSTACK_IMAGES_RUN_OWNER was, and it must not be at work any more.
"""

import json
import os
from argparse import Namespace
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.markup import escape

from bakery.folders import lock_file
from bakery.lock import Busy, try_lock
from bakery.progress import Progress
from bakery.run_owner import VARIABLE
from images.catalog import Cloud
from images.errors import UserError
from ops.clouds import operations_of
from ops.command import FAILED, FINE, Subparsers, add_json
from ops.inventory import Inventory
from ops.places import add_stacks, chosen
from ops.stacks import settings_of


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


class _Sweeper:
    """Goes through places; a cloud that cannot be asked does not keep it from the others."""

    def __init__(self, owner: str | None, *, really: bool) -> None:
        self._owner, self._really = owner, really
        self._told: dict[str, None] = {}
        self.problems: list[str] = []

    @property
    def told(self) -> list[str]:
        """What was found, each once."""
        return list(self._told)

    def sweep(self, stack: str) -> None:
        """Goes through a stack's places."""
        try:
            settings = settings_of(stack)
        except UserError as error:
            self.problems.append(f"{stack}: {error}")
            return
        for cloud in settings.clouds.selected():
            try:
                with _as_owner(self._owner):
                    self._place(cloud, operations_of(settings, cloud).inventory(), stack)
            except UserError as error:
                self.problems.append(str(error))

    def _place(self, cloud: Cloud, place: Inventory, stack: str) -> None:
        runs = place.runs_of(self._owner) if self._owner else set[str]()
        for run in sorted(runs) or [""]:
            try:
                with ExitStack() as locks:
                    if run:
                        locks.enter_context(try_lock(lock_file(run)))
                    self._run(cloud, place, run, stack)
            except Busy:
                self.problems.append(f"{cloud}: a run on this machine is busy with {run}")
            except UserError as error:
                self.problems.append(f"{cloud}: {error}")

    def _run(self, cloud: Cloud, place: Inventory, run: str, stack: str) -> None:
        found = place.left(run, stack)
        if self._really:
            place.clear(found, Progress())
        self._told |= dict.fromkeys(f"{one} ({cloud})" for one in found.told())


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
