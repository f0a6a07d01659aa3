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

from images.naming import RUN_STACK
from tools.layout import PROJECT
from tools.workflow.report import shown

#: Stacks that a run of the workflow `staging` has made, and no other.
_OF_RUN = re.compile(rf"(?:.*/)?({RUN_STACK.pattern})")
#: How Pulumi tells of the locks that are in its way, and of each one (`checkForLock`,
#: `pkg/backend/diy/lock.go`).
_LOCKS = re.compile(r"the stack is currently locked by (\d+) lock")
_LOCK = re.compile(r"^ +\S+: created by (.+) at (\S+)$", re.MULTILINE)
#: Nobody works on the stack of a run for so long: a job ends after six hours.
_LONGEST = timedelta(hours=12)


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
    if stack.resources and not _unlocked(stack.name, "destroy", "--skip-preview"):
        # A lost machine may be in its way. By tags only, since somebody may be at work.
        _sweep(stack.name)
        return False
    swept = _sweep(stack.name, "--run", f"github-{stack.name}")
    # What was being made when a runner was lost is in no state.
    unpublished = _ops("unpublish", stack.name)
    return swept and unpublished and _unlocked(stack.name, "stack rm")


def _unlocked(stack: str, command: str, *more: str) -> bool:
    """Whether Pulumi does this; once more where nobody holds the locks that were in its way.

    A runner that is lost lifts none, and a lock has no end of its own.
    """
    words = ["pulumi", *command.split(), "--stack", stack, "--yes", "--non-interactive", *more]
    status, said = shown(words, _environment())
    if status and (locks := dead_locks(said, datetime.now(UTC))):
        told = f"{stack}: nobody is at work any more with the lock of {'; '.join(locks)}: lifted"
        print(told, flush=True)
        cancelled, _ = shown(["pulumi", "cancel", "--stack", stack, "--yes", "--non-interactive"])
        return not cancelled and not shown(words, _environment())[0]
    return not status


def dead_locks(said: str, now: datetime) -> list[str]:
    """Who has left the locks that Pulumi tells of, none where somebody may hold one of them.

    `pulumi cancel` lifts all of a stack's locks, whosesoever they are.
    """
    count = _LOCKS.search(said)
    locks = [(who, datetime.fromisoformat(when)) for who, when in _LOCK.findall(said)]
    if count is None or len(locks) != int(count[1]):
        return []
    if any(now - when < _LONGEST for _, when in locks):
        return []
    return [f"{who} at {when.isoformat()}" for who, when in locks]


def _sweep(stack: str, *more: str) -> bool:
    """Removes what a lost runner has left, which has no other end.

    Without the run's name only what is over by its own tags, so that the run may be at work.
    """
    return _ops("sweep", stack, *more)


def _ops(command: str, stack: str, *more: str) -> bool:
    """A command that looks where staging works, whose clouds are the stack's."""
    file = PROJECT / f"Pulumi.{stack}.yaml"
    shutil.copy(PROJECT / "Pulumi.staging.yaml", file)
    done = subprocess.run(
        ["python", "-m", "ops", command, "--stack", stack, *more, "--yes"],
        stdin=subprocess.DEVNULL,
        check=False,
    )
    file.unlink()
    return done.returncode == 0


def _environment() -> dict[str, str]:
    """The stack's file was of a checkout that is gone; what encrypts secrets is in the state."""
    return {**os.environ, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}


def _pulumi(*arguments: str) -> str:
    done = subprocess.run(["pulumi", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
