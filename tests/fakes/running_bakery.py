"""The bakery in a process of its own, for tests that end it and what it has started."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.engine.literal_pulumi import CHECKOUT

_PROXIES = re.compile(r"(HTTP|HTTPS|NO|ALL)_PROXY", re.IGNORECASE)


def bakery(work: str, job: str, env: Mapping[str, str], home: Path) -> "subprocess.Popen[str]":
    """Starts `python -m bakery`, which no proxy but one of `env` leads anywhere."""
    inherited = {name: value for name, value in os.environ.items() if not _PROXIES.fullmatch(name)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bakery", work],
        cwd=CHECKOUT,
        env={**inherited, **env, "DSTACK_IMAGES_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(job)
    process.stdin.close()
    process.stdin = None
    return process


def group_of(home: Path, bake: str) -> int:
    """Packer's process group, as the supervisor notes it."""
    return int((home / "work" / bake / "packer.group").read_text().split()[0])


def kill_all(process: "subprocess.Popen[str]", group: int) -> None:
    """The bakery, its children and Packer at once, so that none of them can clean up."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (*map(int, children), process.pid):
        os.kill(pid, signal.SIGKILL)
    os.killpg(group, signal.SIGKILL)
    process.wait()


def processes_of(process: "subprocess.Popen[str]", group: int) -> list[int]:
    """Those of the bakery, of what it has started itself, and of Packer."""
    found = [process.pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which may hold anything: state, parent, process group.
            parent, of = stat.read_text().rpartition(")")[2].split()[1:3]
        except OSError:
            continue
        if int(parent) == process.pid or int(of) == group:
            found.append(int(stat.parent.name))
    return found
