"""Destroys the staging stacks of runs that nobody has changed for some days.

python -m tools.workflow.expire DAYS

Content stays: another stack may ship it, and `python -m ops prune` removes what none does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.layout import PROJECT

#: Stacks that a run of the workflow `staging` has made, and no other.
_OF_RUN = re.compile(r"(?:.*/)?(stgn-\d+)")


@dataclass(frozen=True)
class Stack:
    """As `pulumi stack ls --json` tells it; `changed` is when it was made, where it has nothing."""

    name: str
    changed: datetime | None
    resources: int


def main(arguments: Sequence[str]) -> int:
    (days,) = arguments
    limit = datetime.now(UTC) - timedelta(days=int(days))
    failed: list[str] = []
    for stack in stacks(_pulumi("stack", "ls", "--json")):
        age = stack.changed.isoformat() if stack.changed else "never"
        if stack.changed and stack.changed > limit:
            print(f"{stack.name}: stays (changed {age})", flush=True)
            done = _sweep(stack.name)
        else:
            print(f"{stack.name}: goes (changed {age})", flush=True)
            done = _remove(stack)
        if not done:
            failed.append(stack.name)
    if failed:
        print(f"error: not destroyed, or not swept: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def stacks(listed: str) -> list[Stack]:
    """Return the stacks of runs, of all that Pulumi has listed."""
    found: list[Stack] = []
    for entry in json.loads(listed):
        if name := _OF_RUN.fullmatch(entry["name"]):
            found.append(Stack(name[1], _time(entry), entry.get("resourceCount", 0)))
    return found


def _time(entry: Mapping[str, Any]) -> datetime | None:
    text = entry.get("lastUpdate")
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _remove(stack: Stack) -> bool:
    """Destroys first, which fails where somebody is at work: only Pulumi's lock knows of that.

    Of a stack with nothing in it, Pulumi cannot read how its secrets are encrypted, but removes it.
    """
    name = ["--stack", stack.name, "--yes", "--non-interactive"]
    if stack.resources and not _succeeds("pulumi", "destroy", *name, "--skip-preview"):
        # A lost machine may be in its way. By tags only, since somebody may be at work.
        _sweep(stack.name)
        return False
    swept = _sweep(stack.name, "--run", f"github-{stack.name}")
    return swept and _succeeds("pulumi", "stack", "rm", *name)


def _sweep(stack: str, *more: str) -> bool:
    """Removes what a lost runner has left, which has no other end; its clouds are staging's.

    Without the run's name only what is over by its own tags, so that the run may be at work.
    """
    file = PROJECT / f"Pulumi.{stack}.yaml"
    shutil.copy(PROJECT / "Pulumi.staging.yaml", file)
    swept = _succeeds("python", "-m", "ops", "sweep", "--stack", stack, *more, "--yes")
    file.unlink()
    return swept


def _succeeds(*command: str) -> bool:
    # The stack's file was of a checkout that is gone; what encrypts its secrets is in the state.
    environment = {**os.environ, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def _pulumi(*arguments: str) -> str:
    done = subprocess.run(["pulumi", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
