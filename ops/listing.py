"""List bakes with age, size, and which stacks and releases use them.

What uses a bake is known by the tags of published images, in whatever region of the account, and by
contracts that are given.
"""

import json
from argparse import Namespace

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ops.command import FINE, Subparsers, add_json
from ops.inventory import Bake
from ops.places import add_contracts, add_stacks, kept


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser("list", help="bakes, and what uses them", description=__doc__)
    add_stacks(parser)
    add_contracts(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the bakes, newest first in each place."""
    bakes = [bake for _, bake in kept(arguments.stack, arguments.contract)]
    bakes.sort(key=lambda bake: bake.baked_at.timestamp() if bake.baked_at else 0, reverse=True)
    bakes.sort(key=lambda bake: (bake.cloud, bake.where))
    if arguments.json:
        told = [{**bake.model_dump(mode="json"), "age_days": bake.age_days} for bake in bakes]
        print(json.dumps(told, indent=2))
    elif bakes:
        console.print(_table(bakes))
        for bake in bakes:
            if bake.problem:
                console.print(f"[red]{bake.name}:[/] {escape(bake.problem)}", soft_wrap=True)
    else:
        console.print("there are no bakes; `pulumi up` makes them, or `make local` on this machine")
    return FINE


def _table(bakes: list[Bake]) -> Table:
    # A name is for copying: it is never cut.
    name = Column("bake", no_wrap=True, min_width=max(len(bake.name) for bake in bakes))
    table = Table("where", name, "age", "size", "source", "kernel", "verified", "used by")
    for bake in bakes:
        table.add_row(
            f"{bake.cloud} {bake.where}" if bake.cloud != "local" else bake.where,
            bake.name,
            "" if bake.age_days is None else f"{bake.age_days} d",
            "" if bake.size_gb is None else f"{bake.size_gb:.1f} GB",
            *(("[red]see below[/]", "", "") if bake.problem else _known(bake)),
            ", ".join(dict.fromkeys(map(str, bake.uses))) or "nothing",
        )
    return table


def _known(bake: Bake) -> tuple[str, str, str]:
    return bake.source or "", bake.kernel or "", "yes" if bake.verified else "no"
