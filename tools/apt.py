"""Packages of Debian and Ubuntu, installed without a question."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.commands import run
from tools.errors import SetupError
from tools.progress import Progress


def install(packages: Sequence[str], logs: Path, progress: Progress) -> None:
    names = " ".join(packages)
    with progress.working("packages", f"apt-get install {names}"):
        _as_root(["update"], names, logs)
        _as_root(["install", "--yes", "--no-install-recommends", *packages], names, logs)


def unpack(package: str, folder: Path, logs: Path, progress: Progress) -> None:
    """A package's files without installing it: no service starts, nothing else is replaced."""
    log = logs / f"{package}.log"
    with (
        progress.working("packages", f"apt-get download {package}"),
        tempfile.TemporaryDirectory() as scratch,
    ):
        # apt's own user has to be able to write here
        Path(scratch).chmod(0o777)
        download = ["apt-get", "--quiet", "download", package]
        try:
            run(download, log, cwd=Path(scratch))
        except SetupError:
            _as_root(["update"], package, logs)
            run(download, log, cwd=Path(scratch))
        archive = next(Path(scratch).glob("*.deb"))
        fresh = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        run(["dpkg-deb", "--extract", archive, fresh], log)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _as_root(arguments: Sequence[str], names: str, logs: Path) -> None:
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"this machine has no apt-get, which set-up needs for {names}: it knows Debian and "
            "Ubuntu only"
        )
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", *arguments]
    if os.geteuid() == 0:
        run(command, logs / "apt.log")
        return
    if shutil.which("sudo") is None:
        raise SetupError(
            "there is no sudo; as root run: apt-get update && apt-get install "
            f"--no-install-recommends {names}"
        )
    try:
        run(["sudo", "--non-interactive", *command], logs / "apt.log")
    except SetupError as error:
        raise SetupError(
            f"{error}\n  where sudo wants a password, run `sudo -v` and then this again: one "
            "password is enough for all of set-up. Or by hand: sudo apt-get update && sudo apt-get "
            f"install --no-install-recommends {names}"
        ) from None
