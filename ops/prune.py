"""Retention: the newest bakes of each variant stay."""

from argparse import Namespace
from itertools import groupby

from rich.console import Console

from bakery.local.store import Store
from images.errors import UserError
from images.record import BakeRecord
from ops.command import FINE, Subparsers
from ops.discard import discard


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser("prune", help="remove old bakes", description=__doc__)
    parser.add_argument("--keep", type=int, default=2, help="how many of a variant stay (2)")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Removes or tells. Raises UserError."""
    prune(Store(), arguments.keep, console, really=arguments.yes)
    return FINE


def prune(store: Store, keep: int, console: Console, *, really: bool) -> None:
    """Removes all but the newest `keep` complete bakes of each variant, or says which it would.

    A bake that the store cannot read is left for `discard`, which names it.
    """
    if keep < 0:
        raise UserError(f"--keep is {keep}; it is a number of bakes, 0 or more")
    old = superseded(store, keep)
    if not old:
        console.print(f"nothing to remove: no variant has more than {keep} bakes")
    for record in old:
        if really:
            discard(store, record.name, console)
        else:
            console.print(f"would remove {record.name} of {record.finished_at:%Y-%m-%d %H:%M}")
    if old and not really:
        console.print("add --yes to do it")


def superseded(store: Store, keep: int) -> list[BakeRecord]:
    """Bakes that have at least `keep` newer ones of the same variant."""
    records = [record for bake in store.bakes() if (record := store.find(bake)) is not None]
    records.sort(key=lambda record: record.finished_at, reverse=True)
    records.sort(key=lambda record: record.variant)
    return [
        record
        for _, group in groupby(records, key=lambda record: record.variant)
        for record in list(group)[keep:]
    ]
