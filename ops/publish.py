"""Publish contract, catalog page and streams.json into the bucket that the stack's file names.

Nothing is published unless servers find the whole current release: each of its images is looked up
first, as `check` does. What is there already as it should be is left alone.
"""

import json
from argparse import Namespace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bakery.aws import clients
from images.errors import UserError
from ops.catalog import add_folders, read_records
from ops.catalog_bucket import CatalogBucket
from ops.command import FINE, REFUSED, Subparsers, add_json
from ops.contracts import STDIN, images_of, parse_contract, read_text
from ops.documents import published_documents
from ops.look_up import look_up
from ops.stacks import settings_of, stack_file


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "publish", help="the catalog into the stack's bucket", description=__doc__
    )
    parser.add_argument(
        "contract", nargs="?", default=STDIN, help="a file; without it, or -, standard input"
    )
    parser.add_argument("-s", "--stack", required=True, help="whose file names the bucket")
    add_folders(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Says what it has written; 3, and nothing is written, where a look-up fails."""
    clouds = settings_of(arguments.stack).clouds
    if clouds.aws is None or clouds.aws.catalog is None:
        raise UserError(
            f"{stack_file(arguments.stack).name} has no dstack-images:clouds.aws.catalog, the "
            "bucket to publish into"
        )
    text = read_text(arguments.contract)
    contract = parse_contract(text, arguments.contract)
    if contract.stack != arguments.stack.rpartition("/")[2]:
        raise UserError(f"this contract is of {contract.stack}, not of {arguments.stack}")
    looks = [look for image in images_of(contract, None) for look in look_up(image, clouds)]
    if wrong := [look for look in looks if look.problem]:
        for look in wrong:
            console.print(f"[red]{look.name}, {look.where}:[/] {escape(look.problem or '')}")
        console.print(f"{len(wrong)} of the look-ups fail: nothing is published")
        return REFUSED
    sboms: Path | None = arguments.sboms
    documents = [*published_documents(text, read_records(arguments.records), sboms)]
    bucket = CatalogBucket(clouds.aws)
    with clients.translate_errors(f"publishing into {bucket}"):
        written = [document.key for document in documents if bucket.put(document)]
    if arguments.json:
        print(json.dumps({"bucket": str(bucket), "written": written}, indent=2))
    else:
        for key in written:
            console.print(f"written: {bucket}/{key}", soft_wrap=True, highlight=False)
        if not written:
            console.print(f"{bucket} has all of it already", soft_wrap=True, highlight=False)
    return FINE
