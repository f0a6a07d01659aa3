"""The plugin that a cloud's template needs, and the one version of it that may run.

`packer init` installs what its file asks for. What a build runs is asked of the template alone:
without the same block there, the newest installed version would do.
"""

import re
from pathlib import Path

from bakery.project import PROJECT
from images.catalog import Cloud
from images.errors import BakeryError

_PIN = re.compile(r'^ *(?P<name>\w+) = \{\n *version += "= (?P<version>\d+\.\d+\.\d+)"$', re.M)


def pins_file(cloud: Cloud) -> Path:
    """The file with the block `required_plugins`, from the project's folder."""
    return Path("packer") / "plugins" / f"{cloud}.pkr.hcl"


def block(cloud: Cloud) -> str:
    """The block as it stands in a template."""
    return (PROJECT / pins_file(cloud)).read_text(encoding="utf-8")


def pins(cloud: Cloud) -> dict[str, str]:
    """The plugins' names and exact versions.

    Raises BakeryError where a version is not exact, since nobody could say then what has run.
    """
    text = block(cloud)
    found = {pin["name"]: pin["version"] for pin in _PIN.finditer(text)}
    if not found or len(found) != text.count("source "):
        raise BakeryError(
            f'{pins_file(cloud)} has to pin every plugin as `version = "= 1.2.3"`, '
            "with its source in the line after that"
        )
    return found
