"""A Docker registry on this machine, for as long as one bake needs it."""

import json
import shutil
from pathlib import Path

from images import ports
from images.errors import BakeryError


def registry_command(storage: Path, work: Path) -> tuple[list[str], int]:
    """The command that serves the storage read-only on a free loopback port, and that port."""
    program = shutil.which("docker-registry")
    if program is None:
        raise BakeryError("there is no docker-registry on PATH; run `make setup`")
    holder, port = ports.reserve()
    # Ours until this process ends: the registry starts with each attempt of Packer anew.
    holder.detach()
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
