"""Remove one bake of this machine, whatever it is; published images stay."""

from argparse import Namespace

from rich.console import Console

from bakery.folders import bake_locked
from bakery.local.store import Store
from bakery.lock import Busy
from images.errors import UserError
from ops.command import FINE, Subparsers


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "discard", help="remove one bake of this machine", description=__doc__
    )
    parser.add_argument("bake", help="its name, as `list` shows it")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Removes it. Raises UserError."""
    discard(Store(), arguments.bake, console)
    return FINE


def discard(store: Store, bake: str, console: Console) -> None:
    """Removes the bake with its records. Raises UserError when there is none or it is in use."""
    if bake not in store.bakes():
        raise UserError(f"there is no bake {bake}; `python -m ops list` shows what there is")
    try:
        with bake_locked(bake):
            store.discard(bake)
    except Busy:
        raise UserError(f"a run is busy with {bake}; try again when it has ended") from None
    console.print(f"removed {bake}")
