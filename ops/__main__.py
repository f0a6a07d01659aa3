"""`python -m ops COMMAND`: what is done with images after they were made.

The exit status is 0 where all is well, 1 where something could not be done or said, 2 for arguments
that cannot be, and 3 where the answer is one that a script wants to stop at.
"""

import argparse
import sys
from importlib import import_module

from rich.console import Console

from images.errors import UserError
from ops.command import FAILED

#: The module of each command, in the order in which help shows them.
COMMANDS = (
    *("pin", "quota", "cost", "tested", "check", "diff", "catalog", "publish", "fetch", "verify"),
    *("list", "prune", "sweep", "unpublish", "discard", "sbom", "adopt"),
)
_MODULES = {"list": "listing"}


def main(given: list[str] | None = None) -> int:
    """Runs a command and returns its exit status. What cannot be done is told in a line."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        import_module(f"ops.{_MODULES.get(command, command)}").register(commands)
    arguments = parser.parse_args(given)
    try:
        return arguments.run(arguments, Console())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read has had enough.
        sys.stderr.close()
    except OSError as error:
        where = error.filename or "this machine"
        print(f"error: {where}: {error.strerror or error}", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
