"""A Docker registry on this machine, for as long as one bake needs it."""

import json
import shutil
import socket
from pathlib import Path

from bakery.errors import BakeryError


def registry_command(storage: Path, work: Path) -> tuple[list[str], int]:
    """The command that serves the storage read-only on a free loopback port, and that port."""
    program = shutil.which("docker-registry")
    if program is None:
        raise BakeryError("there is no docker-registry on PATH; run `make setup`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    configuration = work / "registry.yml"
    # JSON is YAML, and quotes what needs quotes.
    configuration.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "warn"},
                "storage": {
                    "filesystem": {"rootdirectory": str(storage)},
                    "maintenance": {"readonly": {"enabled": True}},
                },
                "http": {"addr": f"127.0.0.1:{port}"},
            }
        ),
        encoding="utf-8",
    )
    return [program, "serve", str(configuration)], port
