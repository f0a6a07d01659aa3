"""Finds Packer, and says how it is called."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bakery.errors import BakeryError
from images.machine import home

PROJECT = Path(__file__).parent.parent

#: What Packer may see of Pulumi's environment: nothing of Pulumi's own, above all no passphrase.
_ALLOWED = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TERM|XDG_\w+"
    r"|(HTTP|HTTPS|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|PACKER_PLUGIN_PATH",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Packer:
    """An installed Packer."""

    path: str
    version: str
    plugins: dict[str, str]


def find_packer() -> Packer:
    """The Packer on PATH with the plugins it would use. Raises BakeryError when there is none."""
    path = shutil.which("packer")
    if path is None:
        raise BakeryError("there is no packer on PATH; run `make setup`, then `. tools/env`")
    text = _ask(path, "version")
    found = re.search(r"v(\d+\.\d+\.\d+)", text)
    if found is None:
        raise BakeryError(f"{path} does not tell its version; it said: {text[:200]}")
    version = found[1]
    plugins: dict[str, str] = {}
    # Before 1.7 the builders were part of Packer and there was no such command.
    if tuple(map(int, version.split("."))) >= (1, 7, 0):
        for name, number in re.findall(
            r"packer-plugin-(\w+)_v(\d+\.\d+\.\d+)", _ask(path, "plugins", "installed")
        ):
            plugins[name] = number
    return Packer(path, version, plugins)


def arguments(packer: Packer, cloud: str, build: str, variables: Path) -> list[str]:
    """The command line of one run of the cloud's template: the build `bake` or `verify`."""
    return [
        packer.path,
        "build",
        "-color=false",
        "-timestamp-ui",
        f"-only={build}.*",
        f"-var-file={variables}",
        f"packer/{cloud}.pkr.hcl",
    ]


def environment(extra: re.Pattern[str] | None, temporary: Path) -> dict[str, str]:
    """Packer's environment: the allow-list, what the cloud needs, and temporary files of ours."""
    return {
        **_allowed(extra),
        "TMPDIR": str(temporary),
        "PACKER_CACHE_DIR": str(home() / "packer-cache"),
        "CHECKPOINT_DISABLE": "1",
        "PACKER_NO_COLOR": "1",
    }


def _allowed(extra: re.Pattern[str] | None) -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if _ALLOWED.fullmatch(name) or (extra and extra.fullmatch(name))
    }


def write_variables(file: Path, variables: Mapping[str, object]) -> None:
    """Packer's variable file. Holds no secret: those go through the environment."""
    file.write_text(json.dumps(dict(variables), indent=2), encoding="utf-8")


def _ask(*command: str) -> str:
    try:
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**_allowed(None), "CHECKPOINT_DISABLE": "1"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BakeryError(f"{command[0]} cannot be run: {error}") from None
    return run.stdout + run.stderr
