"""List the bakes in the store of this machine."""

from argparse import Namespace

from rich.console import Console
from rich.table import Column, Table

from bakery.local.store import Store
from images.errors import UserError
from ops.command import FINE, Subparsers


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser("list", help="the bakes in the store", description=__doc__)
    parser.set_defaults(run=run)


def run(_arguments: Namespace, console: Console) -> int:
    """Prints the table."""
    show(Store(), console)
    return FINE


def show(store: Store, console: Console) -> None:
    """Lists every bake; one that cannot be read is listed with the reason."""
    # A name is for copying: it is never cut.
    name = Column("bake", no_wrap=True, min_width=max(map(len, store.bakes()), default=0))
    table = Table(name, "baked", "size", "source", "kernel", "verified")
    for bake in store.bakes():
        try:
            record = store.find(bake)
        except UserError as error:
            table.add_row(bake, "", "", "", "", f"unreadable: {error}")
            continue
        if record is None:
            table.add_row(bake, "", "", "", "", "never completed")
            continue
        table.add_row(
            bake,
            f"{record.finished_at:%Y-%m-%d %H:%M}",
            f"{(record.size_bytes or 0) / (1 << 20):.0f} MiB",
            record.source.name,
            record.versions.kernel,
            "yes" if store.is_verified(bake) else "no",
        )
    if table.row_count:
        console.print(table)
    else:
        console.print("the store is empty; `make local` bakes into it")
