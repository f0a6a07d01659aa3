"""Programs on this machine: where they are, how old they are, and running them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.errors import SetupError

Version = tuple[int, ...]

_QUERY_SECONDS = 20
_TAIL_LINES = 15


def parse_version(text: str) -> Version | None:
    """The first number with a dot in what a program says of itself: "v3.259.0-dev" is 3.259.0."""
    match = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in match[0].split(".")) if match else None


def show(version: Version) -> str:
    return ".".join(str(part) for part in version)


def ask_version(command: Sequence[str | Path]) -> Version | None:
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_QUERY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stdout or answer.stderr) if answer.returncode == 0 else None


def foreign_path(own: Path) -> str:
    """PATH without the folder where set-up links its own tools: what the machine itself has."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if Path(folder) != own)


def find(name: str, arguments: Sequence[str], minimum: Version, path: str) -> Path | None:
    """A program on `path` that is new enough."""
    found = shutil.which(name, path=path)
    if found is None:
        return None
    version = ask_version([found, *arguments])
    return Path(found) if version is not None and version >= minimum else None


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Runs to the end with all output in `log`; a failure shows its last lines."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            check=False,
        )
    if done.returncode:
        lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        tail = "\n".join(f"    {line}" for line in lines)
        raise SetupError(
            f"{Path(command[0]).name} failed with status {done.returncode}:\n{tail}\n"
            f"  the whole log: {log}"
        )
