"""Destroys the staging stacks of runs that nobody has changed for some days.

python -m tools.workflow.expire DAYS

Content stays: another stack may ship it, and `python -m ops prune` removes what none does.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: Stacks that a run of the workflow `staging` has made, and no other.
_OF_RUN = re.compile(r"(?:.*/)?(stgn-\d+)")


@dataclass(frozen=True)
class Stack:
    """As `pulumi stack ls --json` tells it; `changed` is None where nothing was ever made."""

    name: str
    changed: datetime | None
    busy: bool


def main(arguments: Sequence[str]) -> int:
    (days,) = arguments
    limit = datetime.now(UTC) - timedelta(days=int(days))
    failed: list[str] = []
    for stack in stacks(_pulumi("stack", "ls", "--json")):
        age = stack.changed.isoformat() if stack.changed else "never"
        if stack.busy or (stack.changed and stack.changed > limit):
            print(f"{stack.name}: stays (changed {age})", flush=True)
            continue
        print(f"{stack.name}: goes (changed {age})", flush=True)
        if not _destroy(stack.name):
            failed.append(stack.name)
    if failed:
        print(f"error: not destroyed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def stacks(listed: str) -> list[Stack]:
    """Those of runs, of all that Pulumi has listed."""
    found: list[Stack] = []
    for entry in json.loads(listed):
        if name := _OF_RUN.fullmatch(entry["name"]):
            found.append(Stack(name[1], _time(entry), bool(entry.get("updateInProgress"))))
    return found


def _time(entry: Mapping[str, str]) -> datetime | None:
    text = entry.get("lastUpdate")
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _destroy(stack: str) -> bool:
    # Its file was of a checkout that is gone; what encrypts its secrets is in the state too.
    environment = {**os.environ, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}
    destroy = ["destroy", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"]
    for command in (destroy, ["stack", "rm", "--stack", stack, "--yes", "--non-interactive"]):
        done = subprocess.run(
            ["pulumi", *command], env=environment, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            return False
    return True


def _pulumi(*arguments: str) -> str:
    done = subprocess.run(["pulumi", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
