"""What all commands share: how they are registered, and what their exit status says."""

import argparse
from typing import Protocol

#: Nothing is amiss.
FINE = 0
#: Nothing could be said, or something could not be done; the message says why.
FAILED = 1
#: The answer is one that a script wants to stop at: argparse has 2 for wrong arguments.
DIFFERS = REFUSED = 3


class Subparsers(Protocol):
    """What argparse adds commands to."""

    def add_parser(
        self, name: str, *, help: str, description: str | None
    ) -> argparse.ArgumentParser:
        """Adds one."""
        ...


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option for scripts."""
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")
