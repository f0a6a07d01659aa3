"""actionlint, which reads workflows: this machine's own, else built from its Go module."""

from __future__ import annotations

from tools import go
from tools.commands import ask_version, find, foreign_path, parse_version
from tools.layout import PROJECT, Layout
from tools.progress import Progress

#: Older ones do not know all keys of today's workflows.
VERSION = "1.7.12"
_MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
_PROGRAM = go.Programs(
    name="actionlint",
    module=PROJECT / "tools" / "actionlint",
    packages=(_MODULE,),
    # A program built from a module's source does not know its version by itself.
    linker_flags=f"-s -w -X github.com/rhysd/actionlint.version={VERSION}",
)


def ensure(layout: Layout, progress: Progress) -> None:
    minimum = parse_version(VERSION) or ()
    if find("actionlint", ["-version"], minimum, foreign_path(layout.links)):
        layout.unlink("actionlint")
        return
    own = layout.tools / f"actionlint-{VERSION}" / "actionlint"
    if ask_version([own, "-version"]) is None:
        fresh = own.with_name(".actionlint.new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        doing = f"building {VERSION} with Go (half a minute, once)"
        go.build(_PROGRAM, fresh, layout, progress, doing)
        fresh.replace(own)
    layout.link(own)
