"""Lists of packages and bills of materials that are at hand: files named after their bake."""

from pathlib import Path

from bakery.records.documents import SBOM_SUFFIX
from bakery.records.inventory import PACKAGES
from bakery.sbom.make import FILE
from images.errors import UserError
from images.sbom import read_sbom

#: Of buckets and containers; releases have all in one.
_FOLDERS = (".", "sboms", "packages", "../sboms", "../packages")


def packages_of(bake: str, *places: Path) -> dict[str, str] | None:
    """`name:architecture` to version, of a bake; None where nothing in these folders has it.

    A bill of materials comes first. Raises UserError for one that is not of this bake, and for what
    is no list.
    """
    for name in (f"{bake}.{SBOM_SUFFIX}", f"{bake}.txt"):
        for folder in (place / below for place in places for below in _FOLDERS):
            if (folder / name).is_file():
                return _read(bake, folder / name)
    return None


def packages_kept(bake: str, folder: Path) -> dict[str, str] | None:
    """The same for the folder of a bake in the store of this machine, whose files have no name."""
    for file in (folder / FILE, folder / PACKAGES):
        if file.is_file():
            return _read(bake, file)
    return None


def _read(bake: str, file: Path) -> dict[str, str]:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    if file.suffix == ".txt":
        return _parsed(body.decode(errors="replace"), file)
    materials = read_sbom(body, str(file))
    if materials.bake != bake:
        raise UserError(f"{file} is the bill of materials of {materials.bake}")
    return materials.packages


def _parsed(text: str, file: Path) -> dict[str, str]:
    """Read lines such as `bash 5.2 amd64`."""
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
