"""Remove what the stack of a staging run (stgn-N) has published, after its `pulumi destroy`.

Where a runner was lost in the middle of a copy, no state knows of what was being made. It has the
stack's tags and a name with its prefix, and nobody else would find it. The stack's file says where
to look; images of any other stack, and content, stay.
"""

import json
from argparse import Namespace
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from images.errors import UserError
from images.naming import RUN_STACK
from ops.clouds import published
from ops.command import FAILED, FINE, Subparsers, add_json
from ops.published_images import PublishedImage
from ops.stacks import settings_of


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "unpublish", help="remove what a destroyed staging run has left", description=__doc__
    )
    parser.add_argument("-s", "--stack", required=True, metavar="STACK", help="of a staging run")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Removes or tells; 1 where a cloud could not be asked. Raises UserError for other stacks."""
    stack: str = arguments.stack
    if not RUN_STACK.fullmatch(stack):
        raise UserError(
            f"{stack} is no stack of a staging run (stgn-7 and its like): what others have "
            "published is in their state, and Pulumi removes it"
        )
    told: list[str] = []
    problems: list[str] = []
    for one in _left(stack, problems):
        told.append(str(one))
        if arguments.yes:
            try:
                one.remove()
            except UserError as error:
                problems.append(str(error))
                continue
        if not arguments.json:
            verb = "removed" if arguments.yes else "would remove"
            console.print(f"{verb} {escape(str(one))}", soft_wrap=True, highlight=False)
    if arguments.json:
        print(json.dumps({"left": told, "problems": problems}, indent=2))
        return FAILED if problems else FINE
    for problem in problems:
        console.print(f"[red]problem:[/] {escape(problem)}", soft_wrap=True)
    if not told and not problems:
        console.print(f"nothing is published by {stack}")
    elif told and not arguments.yes:
        console.print("add --yes to do it")
    return FAILED if problems else FINE


def _left(stack: str, problems: list[str]) -> Iterator[PublishedImage]:
    """What each cloud has of it; one that cannot be asked keeps nobody from the others."""
    settings = settings_of(stack)
    for cloud in settings.clouds.selected():
        try:
            # Not by the file's prefix: for a run that is over, that of staging stands in.
            yield from [*published(settings, cloud)(stack, f"{stack}-")]
        except UserError as error:
            problems.append(f"{cloud}: {error}")
