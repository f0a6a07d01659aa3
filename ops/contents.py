"""What is in an image, read from a record, from a bake of this machine, or from a contract."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bakery.local.store import Store, package_list
from bakery.records.inventory import PACKAGES
from images.catalog import ImageKey
from images.contract import Content, content
from images.errors import UserError
from images.record import BakeRecord
from ops.contracts import STDIN, images_of, parse_contract, read_text

#: How buckets and containers name a list of packages, below `packages/`.
_LIST = "{bake}.txt"


@dataclass(frozen=True)
class Described:
    """One image. `packages` is None where the list is not at hand."""

    key: str
    label: str
    content: Content
    packages: dict[str, str] | None


def described(argument: str, packages: Path | None) -> list[Described]:
    """What a person names: a file, standard input (`-`), or a bake in this machine's store.

    A file holds the record of a bake, or a contract; `contract.json:0.14` is a release of one, and
    without it the current one is meant. Lists of packages are looked for beside the record, in the
    folder `packages` and in the store. Raises UserError.
    """
    if argument in Store().bakes():
        record = Store().find(argument)
        if record is None:
            raise UserError(f"{argument} was never completed, so that nothing is known of it")
        return [_of_record(record, package_list(argument))]
    file, _, release = argument.partition(":")
    if file != STDIN and not Path(file).exists():
        raise UserError(
            f"{file} is neither a file nor a bake of this machine; `python -m ops list` shows those"
        )
    text = read_text(file)
    if _is_record(text):
        return [_of_record(_record(text, file), *_lists(file, packages))]
    contract = parse_contract(text, file)
    return [
        Described(
            key=str(image.key),
            label=f"{image.name} ({contract.stack})",
            content=image.content,
            packages=_packages(image.content.bake, _lists(file, packages)),
        )
        for image in images_of(contract, release or None)
        if image.content is not None
    ]


def _is_record(text: str) -> bool:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and "image_id" in found


def _record(text: str, file: str) -> BakeRecord:
    try:
        return BakeRecord.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            f"{file} holds no record of a bake ({'.'.join(map(str, first['loc']))}: {first['msg']})"
        ) from None


def _of_record(record: BakeRecord, *places: Path) -> Described:
    return Described(
        key=str(ImageKey(record.cloud, record.variant)),
        label=record.name,
        content=content(record),
        packages=_packages(record.name, places),
    )


def _lists(file: str, packages: Path | None) -> tuple[Path, ...]:
    """Where lists may be: a folder stands for the file named after the bake in it."""
    beside = () if file == STDIN else (Path(file).parent / PACKAGES,)
    return ((packages,) if packages else ()) + beside


def _packages(bake: str, places: tuple[Path, ...]) -> dict[str, str] | None:
    for place in (*places, package_list(bake)):
        file = place / _LIST.format(bake=bake) if place.is_dir() else place
        if file.is_file():
            return _parsed(read_text(str(file)), file)
    return None


def _parsed(text: str, file: Path) -> dict[str, str]:
    """Package to version, of lines such as `bash 5.2 amd64`. Raises UserError."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            name, version, architecture = line.split()
        except ValueError:
            raise UserError(
                f"{file}, line {number}: a package is its name, version and architecture"
            ) from None
        found[f"{name}:{architecture}"] = version
    return found
