"""Look every image of a release up exactly as dstack's server does.

Run it with credentials that are not the publisher's to see what users see. The contract comes from
`pulumi stack output contract --json`, in a file or on standard input.
"""

import json
from argparse import Namespace
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from images.aws import AwsPlace
from images.azure import AzurePlace
from images.contract import Contract, Image
from images.gcp import GcpPlace
from ops import servers
from ops.command import FINE, REFUSED, Subparsers, add_json
from ops.contracts import EVERY, STDIN, images_of, read_contract
from ops.look import Look
from ops.look_up import look_up
from ops.stacks import settings_of


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "check", help="look a release up as dstack's server does", description=__doc__
    )
    parser.add_argument(
        "contract", nargs="?", default=STDIN, help="a file; without it, or -, standard input"
    )
    parser.add_argument("--release", help=f"another one than the current, or {EVERY}")
    parser.add_argument(
        "-s", "--stack", help="a stack whose file says where clouds are reached, if elsewhere"
    )
    parser.add_argument(
        "--allow-review",
        action="store_true",
        help="what Oracle still reviews is told, and no reason to end with 3",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints what is found; 3 where a server would not boot what was published, or not yet."""
    found = read_contract(arguments.contract)
    images = images_of(found, arguments.release)
    clouds = settings_of(arguments.stack).clouds if arguments.stack else None
    looks = [look for image in images for look in look_up(image, clouds)]
    notes = list(dict.fromkeys(note for image in images for note in _notes(image)))
    waiting = [look for look in looks if look.in_review]
    wrong = [look for look in looks if look.problem and not look.in_review]
    fine = not wrong and (not waiting or arguments.allow_review)
    if arguments.json:
        answer = {"looks": [look.model_dump() for look in looks], "notes": notes, "ok": fine}
        print(json.dumps(answer, indent=2))
    else:
        _show(looks, notes, console)
        _conclude(found, images, wrong, waiting, console)
    return FINE if fine else REFUSED


def _notes(image: Image) -> Iterator[str]:
    """Yield where servers ask, if the image is elsewhere: they find it once they are told."""
    place = image.place
    match place:
        case AwsPlace() if place.account_id != servers.AWS_ACCOUNT:
            there, asked = f"the account {place.account_id}", servers.AWS_ACCOUNT
        case AzurePlace(gallery=None) if place.resource_group != servers.AZURE_GROUP:
            there, asked = f"the group {place.resource_group}", servers.AZURE_GROUP
        case AzurePlace() if place.gallery and place.gallery.public_name != servers.AZURE_GALLERY:
            there, asked = f"the gallery {place.gallery.public_name}", servers.AZURE_GALLERY
        case GcpPlace() if place.project != servers.GCP_PROJECT:
            there, asked = f"the project {place.project}", servers.GCP_PROJECT
        case _:
            return
    yield f"{image.cloud}: images are in {there}, and dstack's own servers ask {asked}"


def _show(looks: list[Look], notes: list[str], console: Console) -> None:
    table = Table("image", "where", "servers", "machines", "what is booted")
    for look in looks:
        boots = f"[red]{escape(look.problem)}[/]" if look.problem else escape(look.boots or "")
        table.add_row(look.name, look.where, look.servers, look.machines, boots)
    console.print(table)
    for note in notes:
        console.print(f"note: {note}", soft_wrap=True, highlight=False)


def _conclude(
    found: Contract, images: list[Image], wrong: list[Look], waiting: list[Look], console: Console
) -> None:
    if wrong:
        console.print(f"[red]{len(wrong)} of the look-ups fail[/]")
    if waiting:
        console.print(f"{len(waiting)} wait for Oracle's review: servers do not find these yet")
    if wrong or waiting:
        return
    console.print("servers find all of it")
    if found.current and {image.version for image in images} == {found.current}:
        told = (
            f"started with DSTACK_VM_BASE_IMAGE_PREFIX={found.prefix} "
            f"DSTACK_VM_BASE_IMAGE_VERSION={found.current}"
            if found.prefix
            else f'whose version.py says vm_base_image = "{found.current}"'
        )
        console.print(f"it is for servers {told}", soft_wrap=True, highlight=False)
