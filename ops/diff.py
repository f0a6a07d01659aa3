"""Tell what differs between two releases, bakes or files.

A and B are each a bake, by its name; a file with a bill of materials or with a bake's record; or a
contract: `contract.json` stands for its current release, `contract.json:0.14` for another, `-` for
standard input.
"""

import json
from argparse import Namespace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from images.changes import Change
from images.errors import UserError
from ops.command import DIFFERS, FINE, Subparsers, add_json
from ops.contents import described
from ops.contracts import STDIN
from ops.differences import Difference, differences
from ops.places import add_stacks

_MARKS = {"up": "↑", "down": "↓ DOWN", "added": "+", "removed": "-", "changed": "≠"}


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "diff", help="what differs between two releases, bakes or files", description=__doc__
    )
    parser.add_argument("before", metavar="A", help="the older one")
    parser.add_argument("after", metavar="B", help="the newer one")
    parser.add_argument(
        "--packages",
        type=Path,
        metavar="FOLDER",
        help="where bills of materials or lists of packages are, named after their bakes",
    )
    add_stacks(parser)
    parser.add_argument("--markdown", action="store_true", help="as Markdown, for release notes")
    parser.add_argument(
        "--exit-code", action="store_true", help=f"end with {DIFFERS} where something differs"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the differences; the status says so only when asked to."""
    if arguments.before == arguments.after == STDIN:
        raise UserError("standard input can be one of the two only")
    found = differences(
        described(arguments.before, arguments.packages, arguments.stack),
        described(arguments.after, arguments.packages, arguments.stack),
    )
    if arguments.json:
        print(json.dumps([each.model_dump() for each in found], indent=2))
    elif arguments.markdown:
        print("\n".join(markdown(each) for each in found), end="")
    else:
        for each in found:
            _show(each, console)
    return DIFFERS if arguments.exit_code and not all(each.same for each in found) else FINE


def markdown(found: Difference) -> str:
    """The difference as a section of release notes."""
    lines = [f"### {found.image}", "", _summary(found), ""]
    for title, changes in _parts(found):
        lines += [f"| {title} | before | after | |", "|---|---|---|---|"]
        lines += [
            f"| {each.what} | {each.before or ''} | {each.after or ''} | {each.direction} |"
            for each in changes
        ]
        lines.append("")
    if found.packages is None:
        lines += [_unknown_packages(), ""]
    return "\n".join(lines)


def _show(found: Difference, console: Console) -> None:
    console.print(f"[bold]{escape(found.image)}[/]: {escape(_summary(found))}", soft_wrap=True)
    for title, changes in _parts(found):
        table = Table(title, "before", "after", "")
        for each in changes:
            style = "red" if each.direction in ("down", "removed") else None
            row = (each.what, each.before or "", each.after or "", _MARKS[each.direction])
            table.add_row(*map(escape, row), style=style)
        console.print(table)
    if found.packages is None:
        console.print(_unknown_packages(), soft_wrap=True)


def _summary(found: Difference) -> str:
    if found.before is None or found.after is None:
        only = found.before or found.after
        return f"only {only} has this image"
    between = f"{found.before} and {found.after}"
    return f"{between} have the same content" if found.same else between


def _parts(found: Difference) -> list[tuple[str, list[Change]]]:
    every = [
        ("component", found.components),
        ("package", found.packages or []),
        ("Docker image", found.docker_images),
    ]
    return [(title, changes) for title, changes in every if changes]


def _unknown_packages() -> str:
    return (
        "The packages differ, but not all bills of materials are at hand: `python -m ops sbom` "
        "fetches those of a contract; name their folder with --packages."
    )
