"""Write the page that shows what a stack has published, and `streams.json` beside it.

One file each, of the stack's contract: `pulumi stack output contract --json` prints one. Releases
that retire are on the page; `streams.json` has those that live, and the others go below `archive`.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from bakery.files import write_atomic
from images.record import BakeRecord
from ops.command import FINE, Subparsers
from ops.contracts import read_text
from ops.documents import catalog_documents


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "catalog", help="the page of all images, and streams.json", description=__doc__
    )
    parser.add_argument("contract", help="a file with the stack's contract")
    add_folders(parser)
    parser.add_argument("--out", type=Path, default=Path("dist"), help="where to (default: dist)")
    parser.set_defaults(run=run)


def add_folders(parser: ArgumentParser) -> None:
    """The options for what the page says beyond the contract."""
    parser.add_argument("--records", type=Path, metavar="FOLDER", help="records of bakes")
    parser.add_argument("--sboms", type=Path, metavar="FOLDER", help="bills of materials")


def run(arguments: Namespace, console: Console) -> int:
    """Writes the files, each whole or not at all."""
    out: Path = arguments.out
    text = read_text(arguments.contract)
    for document in catalog_documents(text, read_records(arguments.records), arguments.sboms):
        (out / document.key).parent.mkdir(parents=True, exist_ok=True)
        write_atomic(out / document.key, document.body.decode())
    console.print(f"{out / 'catalog.html'} and streams.json", soft_wrap=True)
    return FINE


def read_records(folder: Path | None) -> dict[str, BakeRecord]:
    """Records in a folder and below, by their bakes."""
    found: dict[str, BakeRecord] = {}
    for file in sorted(folder.rglob("*.json")) if folder else []:
        try:
            record = BakeRecord.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            continue  # such as the record of a verification
        found[record.name] = record
    return found
