"""Make bills of materials for bakes from before there were any, of their lists of packages.

They say of themselves that they are names only. The record is written again, naming the document.
"""

from argparse import Namespace
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from bakery.files import write_atomic
from bakery.local.store import Store
from bakery.sbom.make import FILE, make_names_only
from images.errors import UserError
from images.record import BakeRecord
from ops.command import FINE, Subparsers


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "sbom", help="bills of materials for bakes that have none", description=__doc__
    )
    parser.add_argument("record", nargs="?", type=Path, help="a file with a bake's record")
    parser.add_argument("packages", nargs="?", type=Path, help="the list of its packages")
    parser.add_argument("--store", action="store_true", help="of all bakes of this machine")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Makes what is missing, beside the record."""
    if arguments.store == bool(arguments.packages):
        raise UserError("give a record and its list of packages, or --store")
    if not arguments.store:
        _add(arguments.record, arguments.packages, f"{arguments.record.stem}.spdx.json.gz", console)
        return FINE
    store, made = Store(), 0
    for bake in store.bakes():
        record = store.find(bake)
        if record is not None and record.sbom is None:
            folder = store.folder(bake)
            _add(folder / "record.json", folder / record.packages.file, FILE, console)
            made += 1
    if not made:
        console.print("every bake of this machine has its bill of materials")
    return FINE


def _add(file: Path, packages: Path, name: str, console: Console) -> None:
    try:
        record = BakeRecord.model_validate_json(file.read_bytes())
        listed = packages.read_text(encoding="utf-8")
    except (OSError, ValidationError) as error:
        raise UserError(f"{file} and {packages} are no record with its packages: {error}") from None
    if record.sbom is not None:
        raise UserError(f"{record.name} has a bill of materials: {record.sbom.file}")
    sbom = make_names_only(record, listed, file.with_name(name))
    named = record.model_copy(update={"sbom": sbom})
    write_atomic(file, named.model_dump_json(indent=2))
    console.print(f"{record.name}: {file.with_name(name)}", soft_wrap=True)
