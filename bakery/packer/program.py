"""Finds Packer, and says how it is called."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bakery.packer.pins import pins, pins_file
from bakery.progress import Progress
from bakery.project import PROJECT
from bakery.scrub import scrub
from images.catalog import Cloud
from images.errors import BakeryError
from images.host import home

#: What Packer may see of Pulumi's environment: nothing of Pulumi's own, above all no passphrase.
_ALLOWED = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TERM|XDG_\w+"
    r"|(HTTP|HTTPS|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Packer:
    """An installed Packer, and the plugins that it runs a template with."""

    path: str
    version: str
    plugins: dict[str, str]

    @property
    def has_plugins(self) -> bool:
        """Whether builders are plugins. Before 1.7 they were part of Packer, as old as itself."""
        return _has_plugins(self.version)


def _has_plugins(version: str) -> bool:
    return tuple(map(int, version.split("."))) >= (1, 7, 0)


def find_packer(cloud: Cloud, progress: Progress) -> Packer:
    """The Packer on PATH, with the plugin that this project pins for the cloud installed.

    Raises BakeryError when there is no Packer, or the plugin cannot be installed.
    """
    path = shutil.which("packer")
    if path is None:
        raise BakeryError("there is no packer on PATH; run `make setup`, then `. tools/env`")
    text = _ask(path, "version")
    found = re.search(r"v(\d+\.\d+\.\d+)", text)
    if found is None:
        raise BakeryError(f"{path} does not tell its version; it said: {text[:200]}")
    version = found[1]
    plugins = _plugins(path, cloud, progress) if _has_plugins(version) else {}
    return Packer(path, version, plugins)


def _plugins(path: str, cloud: Cloud, progress: Progress) -> dict[str, str]:
    progress.say("looking for Packer's plugin")
    init = _run(path, "init", str(pins_file(cloud)))
    if init.returncode:
        raise BakeryError(f"Packer's plugin cannot be installed:\n{scrub(init.stdout[-1000:])}")
    # Others may be installed too; the template lets none but these run.
    return pins(cloud)


def arguments(packer: Packer, template: Path, build: str, variables: Path) -> list[str]:
    """The command line of one run of a template: the build `bake` or `verify`."""
    return [
        packer.path,
        "build",
        "-color=false",
        "-timestamp-ui",
        f"-only={build}.*",
        f"-var-file={variables}",
        str(template),
    ]


def environment(extra: re.Pattern[str] | None, temporary: Path) -> dict[str, str]:
    """Packer's environment: the allow-list, what the cloud needs, and temporary files of ours."""
    return {
        **_allowed(extra),
        **_ours(),
        "TMPDIR": str(temporary),
        "PACKER_CACHE_DIR": str(home() / "packer-cache"),
    }


def _ours() -> dict[str, str]:
    return {
        "PACKER_PLUGIN_PATH": os.environ.get("PACKER_PLUGIN_PATH")
        or str(home() / "packer-plugins"),
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
    return _run(*command).stdout


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
            env={**_allowed(None), **_ours()},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BakeryError(f"{command[0]} cannot be run: {error}") from None
