"""Fetch records and bills of materials of all bakes in a contract, out of the stack's clouds.

They are written as <bake>.json and <bake>.spdx.json.gz. What a stack has published may have been
baked by another one, whose bucket is looked into as well. A bake from before there were bills of
materials gets one of its package list, which says so of itself. What clouds have no more is taken
from --also, where it was written when they had it.
"""

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bakery.files import write_atomic
from images.catalog import Cloud
from images.contract import Content, Contract
from images.errors import UserError
from ops.bake_documents import BakeDocuments, gathered
from ops.clouds import operations_of
from ops.command import DIFFERS, FAILED, FINE, Subparsers, add_json
from ops.contracts import EVERY, images_of, read_contract
from ops.stacks import settings_of
from ops.store import Documents, Folder


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "fetch", help="records and bills of materials of a contract", description=__doc__
    )
    parser.add_argument("contract", help="a file with the stack's contract")
    parser.add_argument("-s", "--stack", required=True, help="whose clouds to look in")
    parser.add_argument("--out", type=Path, default=Path(), help="where to (default: here)")
    parser.add_argument(
        "--also", type=Path, metavar="DIR", help="a folder with what was fetched before"
    )
    parser.add_argument(
        "--keep", action="store_true", help="put what had to be made beside its record, too"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Writes what there is. Returns 3 where a document is nowhere, 1 where one was not kept.

    What was made is written even where it cannot be kept, as with credentials that may only read.
    """
    places = _Places(arguments.stack, arguments.also)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    missing: list[str] = []
    not_kept: list[str] = []
    for (cloud, bake), content in sorted(_bakes(read_contract(arguments.contract)).items()):
        found = places.look(cloud, content)
        for document in found.documents.documents():
            name = document.key.rpartition("/")[2]
            write_atomic(out / name, document.body)
            written.append(name)
        if not found.documents.whole:
            what = "bill of materials" if found.documents.record else "record"
            missing.append(": ".join([f"the {what} of {bake} in {cloud}", *found.problems]))
        if arguments.keep and (refusal := _keep(found)):
            not_kept.append(f"the bill of materials of {bake} in {cloud}: {refusal}")
    if arguments.json:
        told = {"written": written, "missing": missing, "not_kept": not_kept}
        print(json.dumps(told, indent=2))
    else:
        for name in written:
            console.print(f"written: {out / name}", soft_wrap=True, highlight=False)
        for what, reasons in (("missing", missing), ("not kept", not_kept)):
            for why in reasons:
                line = f"[red]{what}:[/] {escape(why)}"
                console.print(line, soft_wrap=True, highlight=False)
    if not_kept:
        return FAILED
    return DIFFERS if missing else FINE


def _bakes(contract: Contract) -> dict[tuple[Cloud, str], Content]:
    return {
        (image.cloud, image.content.bake): image.content
        for image in images_of(contract, EVERY)
        if image.content
    }


@dataclass(frozen=True)
class _Found:
    """What there is of a bake, which place has it, and why others could not be looked into."""

    documents: BakeDocuments
    problems: list[str]
    place: Documents | None = None


def _keep(found: _Found) -> str | None:
    """Keeps beside its record what was made just now. Returns why it could not be kept."""
    if found.place is None or not found.documents.made:
        return None
    try:
        for document in found.documents.documents():
            found.place.put(document)
    except UserError as error:
        return str(error)
    return None


class _Places:
    """The stack's places, those of stacks that have baked for it, and what was fetched before."""

    def __init__(self, stack: str, also: Path | None) -> None:
        self._stack = stack.rpartition("/")[2]
        self._settings = settings_of(stack)
        self._before = Folder(also) if also else None
        self._known: dict[tuple[Cloud, str], Documents] = {}
        self._bakers: dict[Cloud, dict[str, str | None]] = {}

    def look(self, cloud: Cloud, content: Content) -> _Found:
        """The documents of a bake, and why some places could not be looked into."""
        best = self._in_clouds(cloud, content)
        if best.documents.whole or self._before is None:
            return best
        found = gathered(content, self._before)
        better = found.whole or best.documents.record is None
        return _Found(found, best.problems) if better else best

    def _in_clouds(self, cloud: Cloud, content: Content) -> _Found:
        best, problems = BakeDocuments(), list[str]()
        if cloud not in self._settings.clouds.selected():
            return _Found(best, [f"the file of {self._stack} has no {cloud}"])
        for stack in self._stacks(cloud, content.bake, problems):
            try:
                place = self._documents(cloud, stack)
                found = gathered(content, place)
            except UserError as error:
                problems.append(str(error))
                continue
            if found.whole:
                return _Found(found, problems, place)
            best = found if found.record else best
        return _Found(best, problems)

    def _stacks(self, cloud: Cloud, bake: str, problems: list[str]) -> Iterator[str]:
        """The stack, then the one that has baked it, as content says itself."""
        yield self._stack
        if cloud not in self._bakers:
            self._bakers[cloud] = {}
            try:
                bakes = operations_of(self._settings, cloud).inventory().bakes()
                self._bakers[cloud] = {each.name: each.baked_by for each in bakes}
            except UserError as error:
                problems.append(str(error))
        if (baker := self._bakers[cloud].get(bake)) not in (None, self._stack):
            yield str(baker)

    def _documents(self, cloud: Cloud, stack: str) -> Documents:
        if (cloud, stack) not in self._known:
            self._known[cloud, stack] = operations_of(self._settings, cloud).documents(stack)
        return self._known[cloud, stack]
