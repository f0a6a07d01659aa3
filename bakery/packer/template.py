"""The template that Packer gets: the cloud's machine, and what happens in it.

Both are copied to a folder of the run. A build names its source by the builder, and no Packer takes
a variable there: so the copy of `build.pkr.hcl` has the cloud's. They are written for today's
Packer and its plugins, and one that has plugins is told the only version of them that may run; an
older one knows no such block. What Packer before 1.7, with the builders of its time inside, refuses
besides is marked by a comment at the end of a line; such a Packer gets no marked lines and blocks.

`python -m bakery.packer.template gcp FOLDER` makes such a folder for a person.
"""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from bakery.packer.pins import block
from bakery.packer.program import Packer, find_packer
from bakery.progress import Progress
from bakery.project import PROJECT
from images.catalog import CLOUDS, Cloud
from images.errors import BakeryError

#: At the end of a line, or of a block's first one.
MARK = "# newer Packer"
_BUILDER = re.compile(r'^source "([\w-]+)" "machine"', re.MULTILINE)
_MARKED = re.compile(rf"^(?P<indent> *)(?P<what>\S.*?) *{MARK}$")


@dataclass(frozen=True)
class Template:
    """A folder to run, and what of it had to be left out."""

    folder: Path
    left_out: list[str]


def template(packer: Packer, cloud: Cloud, work: Path) -> Template:
    """The cloud's template as this Packer takes it, in a folder below `work`."""
    machine = _read(f"{cloud}.pkr.hcl")
    left_out: list[str] = []
    if not packer.has_plugins:
        machine, left_out = without_marked(machine)
    folder = work / "template"
    _write(folder, cloud, machine)
    if packer.has_plugins:
        (folder / "plugins.pkr.hcl").write_text(block(cloud), encoding="utf-8")
    return Template(folder, left_out)


def _read(name: str) -> str:
    return (PROJECT / "packer" / name).read_text(encoding="utf-8")


def _write(folder: Path, cloud: Cloud, machine: str) -> None:
    """Lines keep their numbers, which messages of Packer's have."""
    builder = _BUILDER.search(machine)
    if builder is None:
        raise BakeryError(f'packer/{cloud}.pkr.hcl has no source "..." "machine"')
    build = _read("build.pkr.hcl").replace("source.null.", f"source.{builder[1]}.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{cloud}.pkr.hcl").write_text(machine, encoding="utf-8")
    (folder / "build.pkr.hcl").write_text(build, encoding="utf-8")


def without_marked(text: str) -> tuple[str, list[str]]:
    """The template without its marked lines and blocks, and the first lines of these."""
    kept: list[str] = []
    left_out: list[str] = []
    end: str | None = None
    for line in text.splitlines(keepends=True):
        if end is not None:
            if line.rstrip("\n") == end:
                end = None
            continue
        marked = _MARKED.match(line.rstrip("\n"))
        if marked is None:
            kept.append(line)
            continue
        left_out.append(" ".join(marked["what"].split()))
        if marked["what"].endswith("{"):
            end = marked["indent"] + "}"
    if end is not None:
        raise BakeryError(f"the template's marked block {left_out[-1]!r} does not end")
    return "".join(kept), left_out


def main() -> None:
    """Write a template for a person to look at and to validate."""
    parser = argparse.ArgumentParser(prog="python -m bakery.packer.template", description=__doc__)
    parser.add_argument("cloud", choices=CLOUDS)
    parser.add_argument("folder", type=Path, help="is made, below it the folder `template`")
    chosen = parser.parse_args()
    print(template(find_packer(chosen.cloud, Progress()), chosen.cloud, chosen.folder).folder)


if __name__ == "__main__":
    main()
