"""Runs debsbom, which turns a package database into an SPDX document.

Apart from us: what it iterates over has an order only where Python's hashes have one, and it warns
of every package without a supplier.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bakery.sbom.database import Vendor
from images.errors import BakeryError

_SECONDS = 300.0


@dataclass(frozen=True)
class Subject:
    """What a document is about: same subject and packages, same bytes.

    `name` and `version` of the image, `namespace` which is the document's own, `at` for its date.
    """

    name: str
    version: str
    namespace: str
    at: datetime


def tool() -> str:
    """The tool and its version, as a record names it."""
    return f"debsbom {version('debsbom')}"


def of_database(subject: Subject, vendor: Vendor, root: Path) -> dict[str, Any]:
    """The document of a system below `root`. Raises BakeryError."""
    return _run(subject, vendor, ["--root", str(root)], "")


def of_package_list(subject: Subject, vendor: Vendor, packages: str, empty: Path) -> dict[str, Any]:
    """The document of lines `name version architecture`; `empty` keeps it from this machine's own.

    Raises BakeryError.
    """
    return _run(subject, vendor, ["--root", str(empty), "--from-pkglist"], packages)


def _run(subject: Subject, vendor: Vendor, source: list[str], given: str) -> dict[str, Any]:
    command = [
        *(sys.executable, "-m", "debsbom.cli", "generate", "--sbom-type", "spdx", "--out", "-"),
        *("--distro-name", subject.name, "--distro-version", subject.version),
        *("--distro-supplier", "dstack", "--distro-arch", "amd64"),
        *("--base-distro-vendor", vendor, "--timestamp", subject.at.isoformat()),
        *("--spdx-namespace", subject.namespace, *source),
    ]
    try:
        done = subprocess.run(
            command,
            env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
            input=given,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=_SECONDS,
        )
        if done.returncode == 0:
            return json.loads(done.stdout)
        why = next(reversed(done.stderr.splitlines()), f"status {done.returncode}")
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        why = str(error)
    raise BakeryError(f"no bill of materials could be made: {why}")
