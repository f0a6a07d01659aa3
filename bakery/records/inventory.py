"""Reads what the inventory step found inside the image."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from images.errors import BakeryError
from images.record import Packages, Versions

PACKAGES = "packages.txt"


class Inventory(BaseModel):
    """What `packer/provision/inventory.sh` writes, as far as a record needs it."""

    versions: Versions
    restarted: bool
    docker_images: dict[str, str]


def read_inventory(results: Path) -> tuple[Inventory, Packages]:
    """The inventory and the package list that Packer took off the machine."""
    try:
        inventory = Inventory.model_validate_json((results / "inventory.json").read_bytes())
        packages = (results / PACKAGES).read_bytes()
    except (OSError, ValidationError) as error:
        raise BakeryError(
            f"the machine handed out no usable inventory (step inventory): {error}"
        ) from None
    return inventory, Packages(
        file=PACKAGES,
        sha256=hashlib.sha256(packages).hexdigest(),
        count=len(packages.splitlines()),
    )
