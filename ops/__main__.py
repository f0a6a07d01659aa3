"""`python -m ops`: look at the content store of this machine and clear it out."""

import argparse
import sys
from importlib import import_module

from rich.console import Console

from bakery.local.store import Store
from images.errors import UserError
from ops.discard import discard
from ops.prune import prune
from ops.table import show

#: The modules of commands that register themselves.
COMMANDS = ("sbom", "catalog", "verify")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the bakes in the store, newest first")
    one = commands.add_parser("discard", help="remove one bake; published images stay")
    one.add_argument("bake", help="its name, as `list` shows it")
    many = commands.add_parser("prune", help="remove old bakes of each variant")
    many.add_argument("--keep", type=int, default=2, help="how many of a variant stay (default 2)")
    many.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    for command in COMMANDS:
        import_module(f"ops.{command}").register(commands)
    arguments = parser.parse_args()
    store, console = Store(), Console()
    try:
        if "run" in arguments:
            return arguments.run(arguments, console)
        match arguments.command:
            case "list":
                show(store, console)
            case "discard":
                discard(store, arguments.bake, console)
            case _:
                prune(store, arguments.keep, console, really=arguments.yes)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
