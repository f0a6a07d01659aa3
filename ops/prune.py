"""Remove bakes that nothing uses and that are not among the newest of their variant.

What a published image of any stack was made of is never removed, nor what a given contract names,
nor what is younger than a day: a stack may be about to publish it. Where these credentials may not
look for uses, nothing is removed. What is no bake, such as the images that dstack keeps for ever,
is not even looked at.
"""

from argparse import Namespace
from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.markup import escape

from bakery.folders import bake_locked
from bakery.lock import Busy
from bakery.progress import Progress
from images.errors import UserError
from ops.command import FAILED, FINE, Subparsers
from ops.inventory import Bake, Inventory
from ops.places import add_contracts, add_stacks, kept, tell_problems, unseen


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "prune", help="remove old bakes that nothing uses", description=__doc__
    )
    add_stacks(parser)
    add_contracts(parser)
    parser.add_argument("--keep", type=int, default=2, help="how many of a variant stay (2)")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Removes or tells. Returns 1 where a bake that was to go stays, or a cloud could not be read.

    Raises UserError.
    """
    if arguments.keep < 0:
        raise UserError(f"--keep is {arguments.keep}; it is a number of bakes, 0 or more")
    problems: list[str] = []
    every = list(kept(arguments.stack, arguments.contract, problems))
    old = _superseded(every, arguments.keep)
    if not old:
        console.print(f"nothing to remove: nothing unused is beyond the newest {arguments.keep}")
    failed = [bake for place, bake in old if not _do(place, bake, arguments.yes, console)]
    for note in unseen(bake for _, bake in every):
        console.print(note, soft_wrap=True)
    if old and not arguments.yes:
        console.print("add --yes to do it")
    tell_problems(problems)
    return FAILED if failed or problems else FINE


_Kept = tuple[Inventory, Bake]


def _superseded(every: Iterable[_Kept], keep: int) -> list[_Kept]:
    """Complete bakes that nothing uses, with at least `keep` newer ones of their place and kind."""

    def kind(one: _Kept) -> tuple[str, str, str]:
        _, bake = one
        return bake.cloud, bake.where, bake.variant or ""

    def baked(one: _Kept) -> float:
        _, bake = one
        return bake.baked_at.timestamp() if bake.baked_at else 0

    complete = [(place, bake) for place, bake in every if bake.problem is None]
    complete.sort(key=baked, reverse=True)
    complete.sort(key=kind)
    return [
        (place, bake)
        for _, group in groupby(complete, key=kind)
        for place, bake in list(group)[keep:]
        if not bake.uses and not bake.unseen and (bake.age_days or 0) > 0
    ]


def _do(place: Inventory, bake: Bake, really: bool, console: Console) -> bool:
    where = "" if bake.cloud == "local" else f" in {bake.cloud} {bake.where}"
    when = f"{bake.baked_at:%Y-%m-%d %H:%M}"
    if not really:
        console.print(f"would remove {bake.name} of {when}{where}", soft_wrap=True)
        return True
    try:
        with bake_locked(bake.name):
            place.remove(bake, Progress())
    except Busy:
        console.print(f"a run is busy with {bake.name}: left alone", soft_wrap=True)
        return False
    except UserError as error:
        console.print(f"{bake.name} stays: {escape(str(error))}", soft_wrap=True)
        return False
    console.print(f"removed {bake.name} of {when}{where}", soft_wrap=True)
    return True
