"""Ends a process group: asked first, given time to clean up, then made to."""

import os
import signal
import time
from pathlib import Path

_POLL = 0.1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def identifier(leader: int) -> str:
    """Names a group so that a later run can find it again, and never another of the same number."""
    return f"{leader} {_birth(leader)} {_boot()}"


def find(text: str) -> int | None:
    """The group with this identifier, or None when nothing of it is left."""
    number, birth, boot = text.split()
    leader = int(number)
    # A group outlives its leader, whose number is then not given away.
    same = boot == _boot() and _birth(leader) in (birth, _UNKNOWN)
    return leader if same and exists(leader) else None


def exists(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _only_zombies(group)


def end(group: int, grace: float) -> None:
    """Interrupts the whole group once, waits `grace` seconds, then kills what is left.

    Once: Packer takes a second interrupt as the wish to leave without cleaning up. The whole
    group: Packer is a wrapper that ignores the signal plus a child that does the work.
    """
    for name, wait in ((signal.SIGINT, grace), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(group, name)
        except ProcessLookupError:
            return
        limit = time.monotonic() + wait
        while time.monotonic() < limit:
            if not exists(group):
                return
            time.sleep(_POLL)


_UNKNOWN = "-"


def _birth(pid: int) -> str:
    """Start time of a process in clock ticks since boot, where /proc tells it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return _UNKNOWN
    return stat.rpartition(")")[2].split()[19]


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="utf-8").strip()
    except OSError:
        return _UNKNOWN


def _only_zombies(group: int) -> bool:
    """Zombies still answer to signal 0, though nothing of them runs. Linux tells; others wait."""
    try:
        pids = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    except FileNotFoundError:
        return False
    for pid in pids:
        try:
            stat = (pid / "stat").read_text(encoding="utf-8")
            state, _, pgrp = stat.rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(pgrp) == group and state not in "ZX":
            return False
    return True
