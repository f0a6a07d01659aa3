"""List bakes with age, size, and which stacks and releases use them.

What uses a bake is known by the tags of published images, in whatever region of the account, and by
contracts that are given.
"""

import json
from argparse import Namespace
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ops.command import FAILED, FINE, Subparsers, add_json
from ops.inventory import Bake
from ops.places import add_contracts, add_stacks, kept, tell_problems, unseen


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser("list", help="bakes, and what uses them", description=__doc__)
    add_stacks(parser)
    add_contracts(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the bakes, newest first in each place; 1 where a cloud could not be read."""
    problems: list[str] = []
    bakes = [bake for _, bake in kept(arguments.stack, arguments.contract, problems)]
    bakes.sort(key=lambda bake: bake.baked_at.timestamp() if bake.baked_at else 0, reverse=True)
    bakes.sort(key=_place)
    if arguments.json:
        told = [{**bake.model_dump(mode="json"), "age_days": bake.age_days} for bake in bakes]
        print(json.dumps(told, indent=2))
    elif bakes:
        for _, group in groupby(bakes, key=_place):
            console.print(_table(list(group)))
        for bake in bakes:
            if bake.problem:
                console.print(f"[red]{bake.name}:[/] {escape(bake.problem)}", soft_wrap=True)
        for note in unseen(bakes):
            console.print(note, soft_wrap=True)
    elif not problems:
        console.print("there are no bakes; `pulumi up` makes them, or `make local` on this machine")
    tell_problems(problems)
    return FAILED if problems else FINE


def _place(bake: Bake) -> str:
    return bake.where if bake.cloud == "local" else f"{bake.cloud} {bake.where}"


def _table(bakes: list[Bake]) -> Table:
    """The bakes of one place."""
    # A name is for copying: it is never cut.
    name = Column("bake", no_wrap=True, min_width=max(len(bake.name) for bake in bakes))
    columns = (name, "age", "size", "kernel", "verified", "used by")
    table = Table(*columns, title=_place(bakes[0]), title_justify="left")
    for bake in bakes:
        verified = "yes" if bake.verified else "no"
        table.add_row(
            bake.name,
            "" if bake.age_days is None else f"{bake.age_days} d",
            "" if bake.size_gb is None else f"{bake.size_gb:.1f} GB",
            *(("[red]see below[/]", "") if bake.problem else (bake.kernel, verified)),
            ", ".join(dict.fromkeys(map(str, bake.uses))) or "nothing",
        )
    return table
