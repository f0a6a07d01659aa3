"""What is in an image: of a record, a bill of materials, a contract, or a bake that is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from bakery.local.store import Store
from images.catalog import ImageKey
from images.contract import Content, Image, content
from images.errors import UserError
from images.record import BakeRecord
from images.sbom import Materials, read_sbom
from ops.contracts import STDIN, images_of, parse_contract, read_bytes
from ops.package_lists import packages_kept, packages_of
from ops.parts import versions_in
from ops.places import chosen, kept

_COMPRESSED = b"\x1f\x8b"


@dataclass(frozen=True)
class Described:
    """One image. `key` says its cloud too, where that is known.

    `versions` has the parts of which something is known; None is one that is not in the image.
    `package_list_sha256` and `source` are None where nobody knows, as is `packages`.
    """

    key: str
    variant: str
    label: str
    versions: Mapping[str, str | None]
    docker_images: Mapping[str, str]
    source: str | None = None
    package_list_sha256: str | None = None
    packages: Mapping[str, str] | None = None


def described(argument: str, folder: Path | None, stacks: list[str] | None) -> list[Described]:
    """What a person names: a file, standard input (`-`), or a bake that stacks keep.

    A file holds a bill of materials, the record of a bake, or a contract; `contract.json:0.14` is a
    release of one, and without it the current one is meant. Lists of packages and bills of
    materials are looked for in `folder`, beside the file, and in this machine's store. Raises
    UserError.
    """
    file, _, release = argument.partition(":")
    places = [folder] if folder else []
    if file != STDIN and not Path(file).exists():
        return [_of_record(_kept(argument, stacks), places)]
    body = read_bytes(file)
    if file != STDIN:
        places.append(Path(file).parent)
    document = _object(body)
    if body.startswith(_COMPRESSED) or "spdxVersion" in document:
        return [_of_materials(read_sbom(body, file))]
    if "image_id" in document:
        return [_of_record(_record(body, file), places)]
    contract = parse_contract(body.decode(errors="replace"), file)
    return [
        of_image(image, f"{image.name} ({contract.stack})", *places)
        for image in images_of(contract, release or None)
        if image.content is not None
    ]


def of_image(image: Image, label: str, *places: Path) -> Described:
    """An image of a contract, whose content is known."""
    assert image.content
    return _of_content(str(image.key), image.variant, label, image.content, places)


def _object(body: bytes) -> dict[str, Any]:
    """Empty for what is none: as a contract it is judged anyway."""
    try:
        found: object = json.loads(body)
    except ValueError:
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _kept(bake: str, stacks: list[str] | None) -> BakeRecord:
    """The record of a bake, wherever stacks keep it."""
    for _, found in kept(stacks, []):
        if found.name == bake:
            if found.record is None:
                raise UserError(f"nothing is known of {bake} in {found.where}: {found.problem}")
            return found.record
    looked = chosen(stacks)
    raise UserError(
        f"{bake} is neither a file nor a bake that {', '.join(looked)} keeps; "
        f"`python -m ops list{''.join(f' -s {stack}' for stack in looked)}` shows those, and -s "
        "looks where another stack keeps bakes"
    )


def _record(body: bytes, file: str) -> BakeRecord:
    try:
        return BakeRecord.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            f"{file} holds no record of a bake ({'.'.join(map(str, first['loc']))}: {first['msg']})"
        ) from None


def _of_record(record: BakeRecord, places: list[Path]) -> Described:
    key = str(ImageKey(record.cloud, record.variant))
    return _of_content(key, record.variant, record.name, content(record), places)


def _of_content(
    key: str, variant: str, label: str, known: Content, places: tuple[Path, ...] | list[Path]
) -> Described:
    packages = packages_of(known.bake, *places)
    return Described(
        key=key,
        variant=variant,
        label=label,
        versions=known.versions.model_dump(),
        docker_images=known.docker_images,
        source=known.source_resolved,
        package_list_sha256=known.package_list_sha256,
        packages=packages_kept(known.bake, Store().folder(known.bake))
        if packages is None
        else packages,
    )


def _of_materials(materials: Materials) -> Described:
    variant = materials.name.removeprefix("dstack-")
    return Described(
        key=variant,
        variant=variant,
        label=materials.bake or materials.name,
        versions=versions_in(materials),
        docker_images=materials.docker_images,
        packages=materials.packages,
    )
