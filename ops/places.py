"""What list, prune and sweep have in common: of which stacks, and all that those keep."""

import argparse
import sys
from collections.abc import Iterable, Iterator

from images.contract import Contract
from images.errors import UserError
from ops.clouds import operations_of
from ops.contracts import EVERY, images_of, read_contract
from ops.inventory import Bake, Inventory, Use
from ops.stacks import settings_of

_DEFAULT = "local"


def add_stacks(parser: argparse.ArgumentParser, what: str = "look where it keeps content") -> None:
    """The option that names stacks, and `what` is done with each."""
    parser.add_argument(
        "-s",
        "--stack",
        action="append",
        metavar="STACK",
        help=f"a stack by its file: {what}; may be given again (without: {_DEFAULT})",
    )


def add_contracts(parser: argparse.ArgumentParser) -> None:
    """The option for what is used elsewhere."""
    parser.add_argument(
        "--contract",
        action="append",
        default=[],
        metavar="FILE",
        help="what this contract names is used as well; may be given again",
    )


def chosen(stacks: list[str] | None) -> list[str]:
    """The stacks that were asked for."""
    return list(dict.fromkeys(stacks or [_DEFAULT]))


def kept(
    stacks: list[str] | None, contracts: list[str], problems: list[str]
) -> Iterator[tuple[Inventory, Bake]]:
    """All bakes of those stacks, each once, with what uses them.

    A cloud that cannot be read is added to `problems`, so that the others are looked at too. Raises
    UserError for a stack that cannot be, and for a contract.
    """
    named = [read_contract(file) for file in contracts]
    seen: set[tuple[str, str, str]] = set()
    for stack in chosen(stacks):
        settings = settings_of(stack)
        for cloud in settings.clouds.selected():
            try:
                inventory = operations_of(settings, cloud).inventory()
                bakes = inventory.bakes()
            except UserError as error:
                problems.append(f"{cloud}: {error}")
                continue
            for bake in bakes:
                if (bake.cloud, bake.where, bake.id) not in seen:
                    seen.add((bake.cloud, bake.where, bake.id))
                    yield inventory, _used(bake, named)


def _used(bake: Bake, named: list[Contract]) -> Bake:
    told = [
        Use(stack=contract.stack, release=image.version, where="contract")
        for contract in named
        for image in images_of(contract, EVERY)
        if image.content and image.content.bake == bake.name and image.cloud == bake.cloud
    ]
    return bake.model_copy(update={"uses": [*bake.uses, *told]})


def unseen(bakes: Iterable[Bake]) -> list[str]:
    """What to tell of places where bakes may be used, and nobody could look."""
    places = {(bake.cloud, place): None for bake in bakes for place in bake.unseen}
    clouds = dict.fromkeys(cloud for cloud, _ in places)
    return [
        f"note: nobody could look for uses in {cloud} "
        f"{', '.join(place for own, place in places if own == cloud)}"
        for cloud in clouds
    ]


def tell_problems(problems: Iterable[str]) -> None:
    """Print problems on standard error, since standard output may be read by a script."""
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
