"""Templates for the Packer that is there.

They are written for today's Packer and its plugins. One that has plugins gets a copy which names
the only version of them that may run; an older one knows no such block. What Packer before 1.7,
with the builders of its time inside, refuses besides is marked by a comment at the end of a line;
such a Packer gets a copy without the marked lines and blocks.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bakery.packer.pins import block
from bakery.packer.program import Packer
from bakery.project import PROJECT
from images.catalog import Cloud
from images.errors import BakeryError

#: At the end of a line, or of a block's first one.
MARK = "# newer Packer"
_MARKED = re.compile(rf"^(?P<indent> *)(?P<what>\S.*?) *{MARK}$")


@dataclass(frozen=True)
class Template:
    """A template to run, and what of it had to be left out."""

    file: Path
    left_out: list[str]


def template(packer: Packer, cloud: Cloud, work: Path) -> Template:
    """The cloud's template as this Packer takes it, most often a copy in the folder `work`."""
    file = Path("packer") / f"{cloud}.pkr.hcl"
    text = (PROJECT / file).read_text(encoding="utf-8")
    left_out: list[str] = []
    if packer.has_plugins:
        # Behind it, so that a line's number in a message of Packer's is that of the template.
        text = f"{text}\n{block(cloud)}"
    else:
        text, left_out = without_marked(text)
        if not left_out:
            return Template(file, [])
    copy = work / file.name
    copy.write_text(text, encoding="utf-8")
    return Template(copy, left_out)


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
