"""Everything that tools/setup cannot do before there is a virtual environment."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

from images.errors import HostError
from images.host import FILE, Host, home, read
from tools import (
    accelerator,
    actionlint_cli,
    base_image,
    demo_registry,
    packages,
    packer_cli,
    pulumi_cli,
    todays_packer,
)
from tools.errors import SetupError
from tools.layout import Layout
from tools.progress import Progress


def main() -> int:
    options = _options()
    progress = Progress()
    began = time.monotonic()
    layout = Layout(home())
    try:
        if options.refresh:
            _forget(layout)
        if options.only:
            ready = _only(options.only, layout, progress, pinned=options.pinned)
        else:
            ready = str(_set_up(options.source, layout, progress))
    except SetupError as error:
        progress.say("error", str(error))
        return 1
    progress.say("ready", f"{ready} in {time.monotonic() - began:.1f} s")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/setup", description=__doc__)
    parser.add_argument(
        "--source",
        choices=get_args(base_image.Wish),
        default="auto",
        help="base image of local images (default: Ubuntu where it can be had, else Debian)",
    )
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="ask again what was remembered: whether KVM works, and what the internet answers",
    )
    parser.add_argument(
        "--only",
        choices=("run", "python", "checks", "clouds", "todays-packer"),
        help="just the Python packages that run the program (run), or all (python); or also what "
        "`make check` uses, or what a stack of clouds does (no base image, no virtual machine), or "
        "today's Packer with its plugins",
    )
    parser.add_argument(
        "--pinned",
        action="store_true",
        help="with --only clouds: Pulumi and Packer as pinned here, whatever is on PATH",
    )
    options = parser.parse_args()
    if options.pinned and options.only != "clouds":
        parser.error("--pinned goes with --only clouds")
    return options


def _only(what: str, layout: Layout, progress: Progress, *, pinned: bool) -> str:
    """A part of set-up; the Python packages are there, since this runs."""
    if what == "checks":
        packages.ensure(layout.logs, progress)
        actionlint_cli.ensure(layout, progress)
    if what == "clouds":
        pulumi_cli.ensure(layout, progress, pinned=pinned)
    if what in ("checks", "clouds"):
        packer_cli.ensure(layout, progress, pinned=pinned)
    if what == "todays-packer":
        return str(todays_packer.ensure(layout, progress))
    return f"for {what}"


def _forget(layout: Layout) -> None:
    for file in (layout.home / FILE, layout.accelerator, layout.no_command_provider):
        file.unlink(missing_ok=True)


def _set_up(wish: base_image.Wish, layout: Layout, progress: Progress) -> Path:
    file = layout.home / FILE
    known = _known(layout.home, progress)
    # Building Pulumi takes minutes, so the rest goes on beside it; apt is used by one at a time.
    with ThreadPoolExecutor(max_workers=1) as beside:
        pulumi = beside.submit(pulumi_cli.ensure, layout, progress)
        try:
            firmware = packages.ensure(layout.logs, progress)
            packer_cli.ensure(layout, progress)
            actionlint_cli.ensure(layout, progress)
            speed = accelerator.choose(layout, progress)
            demo = demo_registry.ensure(
                known.prepull if known else None, known is not None, layout, progress
            )
            source = base_image.ensure(wish, known.source if known else None, layout, progress)
        finally:
            if not pulumi.done():
                progress.say("pulumi", "the rest of set-up is over; waiting for this")
        pulumi.result()
    machine = Host(source=source, accelerator=speed, firmware=firmware, prepull=demo)
    if machine != known:
        fresh = file.with_suffix(".new")
        fresh.write_text(machine.model_dump_json(indent=2) + "\n", encoding="utf-8")
        fresh.replace(file)
    return file


def _known(home: Path, progress: Progress) -> Host | None:
    try:
        return read(home)
    except HostError as error:
        if (home / FILE).exists():
            progress.say("machine", f"{error}; doing so")
        return None


if __name__ == "__main__":
    sys.exit(main())
