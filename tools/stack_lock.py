"""Lifts a local stack's lock that a killed `pulumi` left behind; a living one's is respected."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.errors import SetupError


def lift_dead(backend: str, stack: str) -> list[Path]:
    address = urlsplit(backend)
    if address.scheme != "file":
        return []
    locks = Path(unquote(address.netloc + address.path)) / ".pulumi" / "locks"
    lifted: list[Path] = []
    for file in locks.glob(f"**/{stack}/*.json"):
        try:
            lock = json.loads(file.read_bytes())
            process, host = int(lock["pid"]), str(lock["hostname"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if host != socket.gethostname():
            continue
        if _alive(process):
            raise SetupError(
                f"pulumi is at work on stack {stack} already (process {process}, since "
                f"{lock.get('timestamp', 'an unknown time')}): wait for it, or interrupt it"
            )
        file.unlink()
        file.with_name(f"{file.name}.attrs").unlink(missing_ok=True)
        lifted.append(file)
    return lifted


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip() == "pulumi"
    except OSError:
        return False


def main() -> int:
    stack = sys.argv[1]
    try:
        lifted = lift_dead(os.environ.get("PULUMI_BACKEND_URL", ""), stack)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if lifted:
        print(f"an earlier run on stack {stack} was killed: its lock is lifted", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
