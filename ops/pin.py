"""Resolve what floats in a stack's file, and show the result as a diff of that file.

Sources become the newest image of their kind by its own name, and Docker images of `prepull` get
the digest that their tag has now. With --dstack, `prepull` has the images that servers start: of
each checkout of dstack, or unpacked package, the default image of its version.
"""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from config.namespaces import NAMESPACE
from config.settings import Settings
from images.catalog import CLOUDS, Cloud
from images.errors import UserError
from images.record import Fact
from ops import registry
from ops.clouds import operations_of
from ops.command import DIFFERS, FAILED, FINE, Subparsers, add_json
from ops.dstack_server import requested_image
from ops.stack_edits import StackText
from ops.stacks import settings_of, stack_file

_CONFIG = "config"


class Pinned(Fact):
    """One key of the file: what it says, and what it is to say."""

    key: str
    before: str
    after: str


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "pin", help="resolve what floats in a stack's file, as a diff", description=__doc__
    )
    parser.add_argument("-s", "--stack", required=True, help="whose file")
    parser.add_argument(
        "--dstack",
        action="append",
        type=Path,
        default=[],
        metavar="CHECKOUT",
        help="a dstack whose servers use the images; may be given again, one for each version",
    )
    parser.add_argument("--write", action="store_true", help="change the file, too")
    parser.add_argument(
        "--exit-code", action="store_true", help=f"end with {DIFFERS} where the file would change"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the diff; 1 where something could not be resolved, beside what could."""
    file = stack_file(arguments.stack)
    settings = settings_of(arguments.stack)
    text = StackText(file.read_text(encoding="utf-8"))
    pins = _Pins(text, settings)
    for cloud in settings.clouds.selected():
        pins.sources(cloud)
    pins.docker([requested_image(checkout) for checkout in arguments.dstack])
    diff = text.diff(file.name)
    if arguments.write and pins.done:
        file.write_text(text.changed(), encoding="utf-8")
    if arguments.json:
        told = [pin.model_dump() for pin in pins.done]
        print(json.dumps({"pins": told, "diff": diff, "problems": pins.problems}, indent=2))
    else:
        _show(diff, pins, console)
    if pins.problems:
        return FAILED
    return DIFFERS if arguments.exit_code and pins.done else FINE


def _show(diff: str, pins: "_Pins", console: Console) -> None:
    if diff and console.is_terminal:
        console.print(Syntax(diff.rstrip("\n"), "diff", background_color="default"))
    elif diff:
        # For `git apply`: not a character more.
        print(diff, end="")
    # Not among the diff, which may be piped.
    told = Console(stderr=True)
    for problem in pins.problems:
        told.print(f"[red]problem:[/] {escape(problem)}", soft_wrap=True)
    for note in pins.notes:
        told.print(f"note: {escape(note)}", soft_wrap=True)
    if not diff and not pins.problems:
        told.print("everything is pinned, to the newest")


class _Pins:
    """What was resolved, what was not and why, and what nobody can."""

    def __init__(self, text: StackText, settings: Settings) -> None:
        self._text, self._settings = text, settings
        self.done: list[Pinned] = []
        self.problems: list[str] = []
        self.notes: list[str] = []

    def sources(self, cloud: Cloud) -> None:
        """Resolve the sources of a cloud and of its variants."""
        for keys in self._keys(cloud, "source"):
            node = self._text.node(*keys)
            if node is None or cloud == "local":
                continue
            key, before = _name(keys), str(node.value)
            try:
                after = operations_of(self._settings, cloud).newest(before)
            except UserError as error:
                self.problems.append(f"{key}: {error}")
                continue
            if after is None:
                self.notes.append(f"{key} is {before}, of which nothing says what is newer")
            elif after != before:
                self._text.put(after, *keys)
                self.done.append(Pinned(key=key, before=before, after=after))

    def docker(self, requested: list[str]) -> None:
        """Lists of Docker images: that of the stack gets what servers request."""
        top = (_CONFIG, f"{NAMESPACE}:prepull")
        if requested and self._text.texts(*top) is None:
            self.notes.append(f"there is no prepull in the file for {', '.join(requested)}")
        self._list(top, requested)
        for cloud in CLOUDS:
            for keys in self._keys(cloud, "prepull"):
                # A variant's own list may be without on purpose.
                there = set(map(_repository, self._text.texts(*keys) or []))
                self._list(keys, [image for image in requested if _repository(image) in there])

    def _list(self, keys: tuple[str, ...], requested: list[str]) -> None:
        before = self._text.texts(*keys)
        if before is None:
            return
        names = {_repository(image) for image in requested}
        others = [image for image in before if _repository(image) not in names]
        wanted = list(dict.fromkeys([*requested, *others]))
        after = [self._digest(keys, image) for image in wanted]
        if after != before:
            self._text.put_list(after, *keys)
            told = (", ".join(before), ", ".join(after))
            self.done.append(Pinned(key=_name(keys), before=told[0], after=told[1]))

    def _digest(self, keys: tuple[str, ...], image: str) -> str:
        tagged = image.partition("@")[0]
        try:
            return f"{tagged}@{registry.digest_of(tagged)}"
        except UserError as error:
            self.problems.append(f"{_name(keys)}: {error}")
            return image

    def _keys(self, cloud: Cloud, key: str) -> Iterator[tuple[str, ...]]:
        """Where a key of a cloud may be: its own, and that of each variant."""
        section = (_CONFIG, f"{NAMESPACE}:clouds", cloud)
        yield (*section, key)
        for variant in self._text.keys(*section, "variants"):
            yield (*section, "variants", variant, key)


def _name(keys: tuple[str, ...]) -> str:
    return ".".join(keys[1:])


def _repository(image: str) -> str:
    return image.partition("@")[0].rpartition(":")[0]
