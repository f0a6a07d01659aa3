"""Tell what a bake of a stack and a month of its storage cost at most, by a file of prices.

The file that comes along has round figures that nobody confirmed: copy it and correct it.
"""

import json
from argparse import Namespace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from images.errors import UserError
from ops.command import FINE, REFUSED, Subparsers, add_json
from ops.costs import Cost, costs
from ops.places import add_stacks, chosen
from ops.prices import DEFAULT, Prices, read_prices
from ops.stacks import settings_of


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "cost", help="what a bake and a month of storage cost", description=__doc__
    )
    add_stacks(parser, "what it publishes and bakes")
    parser.add_argument(
        "--prices", type=Path, default=DEFAULT, metavar="FILE", help="as ops/prices.yaml"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        help="of a bake, and of a verification (without: the stack's limit of time)",
    )
    parser.add_argument(
        "--max",
        type=float,
        metavar="AMOUNT",
        help=f"end with {REFUSED} where a bake and a month cost more",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the costs; 3 where they are more than --max. Raises UserError without a price."""
    if arguments.minutes is not None and arguments.minutes < 0:
        raise UserError(f"--minutes is {arguments.minutes}; it is 0 or more")
    prices = read_prices(arguments.prices)
    found = [
        (stack, cost)
        for stack in chosen(arguments.stack)
        for cost in costs(settings_of(stack), prices, arguments.minutes)
    ]
    total = sum(cost.once + cost.monthly for _, cost in found)
    too_much = arguments.max is not None and total > arguments.max
    if arguments.json:
        told = [{"stack": stack, **cost.model_dump()} for stack, cost in found]
        answer = {
            "costs": told,
            "total": round(total, 2),
            "currency": prices.currency,
            "as_of": prices.as_of.isoformat(),
            "ok": not too_much,
        }
        print(json.dumps(answer, indent=2))
    elif found:
        _show(found, prices, console)
    else:
        console.print("nothing costs anything here: no release of a cloud")
    if too_much:
        Console(stderr=True).print(
            f"[red]a bake and a month cost up to {total:.2f} {prices.currency}, which is more than "
            f"--max {arguments.max:.2f}[/]",
            soft_wrap=True,
        )
    return REFUSED if too_much else FINE


def _show(found: list[tuple[str, Cost]], prices: Prices, console: Console) -> None:
    table = Table("stack", "image", show_footer=True)
    columns = {
        "bake": sum(cost.bake for _, cost in found),
        "copies": sum(cost.copies for _, cost in found),
        "each month": sum(cost.monthly for _, cost in found),
    }
    for title, total in columns.items():
        table.add_column(title, f"{total:,.2f}", justify="right")
    for stack, cost in found:
        amounts = (f"{amount:,.2f}" for amount in (cost.bake, cost.copies, cost.monthly))
        table.add_row(stack, f"{cost.cloud}-{cost.variant}", *amounts)
    console.print(table)
    total = sum(columns.values())
    console.print(
        f"a bake of all and a month: up to {total:,.2f} {prices.currency}, by prices of "
        f"{prices.as_of}",
        soft_wrap=True,
        highlight=False,
    )
