"""Write the page that shows what a stack has published, and `streams.json` beside it.

One file each, of the stack's contract: `pulumi stack output contract --json` prints one. Releases
that retire are on the page; `streams.json` has those that live, and the others go below `archive`.
"""

from argparse import Namespace
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from bakery.files import write_atomic
from images.contract_reader import read
from images.record import BakeRecord
from images.streams import archived, streams
from ops.command import FINE, Subparsers
from ops.contracts import read_text


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "catalog", help="the page of all images, and streams.json", description=__doc__
    )
    parser.add_argument("contract", type=Path, help="a file with the stack's contract")
    parser.add_argument("--records", type=Path, help="a folder with records of bakes")
    parser.add_argument("--sboms", type=Path, help="a folder with bills of materials")
    parser.add_argument("--out", type=Path, default=Path("dist"), help="where to (default: dist)")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Writes the files, whole or not at all."""
    # It takes a moment to load, and other commands do without.
    from ops.page.render import render

    text = read_text(str(arguments.contract))
    contract = read(text)
    out: Path = arguments.out
    (out / "archive").mkdir(parents=True, exist_ok=True)
    page = render(contract, _records(arguments.records), arguments.sboms)
    write_atomic(out / "catalog.html", page)
    write_atomic(out / "streams.json", streams(contract, text))
    for version, document in archived(contract, text).items():
        write_atomic(out / "archive" / f"{version}.json", document)
    console.print(f"{out / 'catalog.html'} and streams.json", soft_wrap=True)
    return FINE


def _records(folder: Path | None) -> dict[str, BakeRecord]:
    found: dict[str, BakeRecord] = {}
    for file in sorted(folder.rglob("*.json")) if folder else []:
        try:
            record = BakeRecord.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            continue  # such as the record of a verification
        found[record.name] = record
    return found
