"""Tell whether what a stack would publish fits into the limits of its clouds, before any bake.

For each limit and region: what there is, what the stack would add at most, and how to ask for more.
"""

import json
from argparse import Namespace

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from images.errors import UserError
from ops.clouds import operations_of
from ops.command import FAILED, FINE, REFUSED, Subparsers, add_json
from ops.headroom import Headroom
from ops.names import names_of
from ops.places import add_stacks, chosen
from ops.stacks import settings_of


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "quota", help="whether a stack fits into its clouds' limits", description=__doc__
    )
    add_stacks(parser, "what it would publish")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the limits; 3 where one is too small, 1 where one could not be read."""
    found: list[Headroom] = []
    problems: list[str] = []
    for stack in chosen(arguments.stack):
        settings = settings_of(stack)
        for cloud in settings.clouds.selected():
            try:
                found += operations_of(settings, cloud).headroom(names_of(settings, cloud))
            except UserError as error:
                problems.append(f"{cloud}: {error}")
    small = [one for one in found if one.too_small]
    problems += [
        f"{one.cloud} {one.where}: {one.what}: {one.unknown}" for one in found if one.unknown
    ]
    if arguments.json:
        told = [{**one.model_dump(), "too_small": one.too_small} for one in found]
        print(json.dumps({"limits": told, "problems": problems, "ok": not small}, indent=2))
    else:
        _show(found, small, problems, console)
    return REFUSED if small else FAILED if problems else FINE


def _show(
    found: list[Headroom], small: list[Headroom], problems: list[str], console: Console
) -> None:
    if found:
        table = Table("where", "what", "there", "added at most", "limit", "")
        for one in found:
            state = "[red]too small[/]" if one.too_small else "?" if one.unknown else "fits"
            limit = "?" if one.limit is None else f"{one.limit:,}"
            counts = (f"{one.used:,}", f"{one.needed:,}", limit)
            table.add_row(f"{one.cloud} {one.where}", one.what, *counts, state)
        console.print(table)
    for note in dict.fromkeys(f"{one.cloud}: {one.note}" for one in found if one.note):
        console.print(f"note: {note}", soft_wrap=True)
    for one in small:
        if one.pending is not None:
            asked = f"{one.pending} {one.what} are asked for in {one.where} and not granted yet"
            console.print(asked, soft_wrap=True)
        if one.pending is None or one.pending < one.wanted:
            console.print(escape(one.request), soft_wrap=True, highlight=False)
    for problem in problems:
        console.print(f"[red]problem:[/] {escape(problem)}", soft_wrap=True)
    if not found and not problems:
        console.print("nothing on this machine is limited")
