"""Refuses to go on where a stack's current release is not the one that a person has named.

python -m tools.workflow.current STACK VERSION
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import yaml

from config.settings import living
from tools.layout import PROJECT


def main(arguments: Sequence[str]) -> int:
    stack, version = arguments
    file = PROJECT / f"Pulumi.{stack}.yaml"
    # Whether the rest of the file can be used is the preview's to say, in its own words.
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    releases = living(config["dstack-images:releases"], config.get("dstack-images:retiring", {}))
    if releases[-1:] == [version]:
        print(f"{version} is the current release of {stack}")
        return 0
    print(
        f"::error::{file.name} has {releases[-1] if releases else 'nothing'} as its current "
        f"release, not {version}: what this run would publish is what the file says",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
