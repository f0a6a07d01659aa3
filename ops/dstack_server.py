"""Which Docker image a server of dstack starts when a run names none.

Source: dstack 0.22.5, `get_default_image` of `server/services/jobs/configurators/base.py`: settings
`DSTACK_DOCKER_BASE_IMAGE...`, whose defaults are in `settings.py` and, for versions, `version.py`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from images.errors import UserError

_IMAGE = "DSTACK_DOCKER_BASE_IMAGE"
#: A checkout, an unpacked package, or the folder of the package itself.
_PLACES = ("src/dstack", "dstack", ".")


def requested_image(checkout: Path) -> str:
    """Return the Docker image, such as dstackai/base:0.16-base-ubuntu24.04. Raises UserError.

    Machines with a GPU start the same one.
    """
    package = next(
        (checkout / one for one in _PLACES if (checkout / one / "version.py").exists()), None
    )
    if package is None:
        raise UserError(
            f"{checkout} is no checkout of dstack: there is no src/dstack/version.py in it"
        )
    versions = dict(_constants(package / "version.py", {}))
    settings = dict(_constants(package / "_internal" / "settings.py", versions))
    try:
        version, ubuntu = settings[f"{_IMAGE}_VERSION"], settings[f"{_IMAGE}_UBUNTU_VERSION"]
        return f"{settings[_IMAGE]}:{version}-base-ubuntu{ubuntu}"
    except KeyError as error:
        raise UserError(
            f"{package}/_internal/settings.py has no {error.args[0]}: this dstack names its image "
            "in another way, so prepull has to be written by hand"
        ) from None


def _constants(file: Path, versions: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names and texts: as they stand there, or as defaults of variables of the environment."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            if isinstance(value, ast.Call) and len(value.args) == 2:
                value = value.args[1]
            match value:
                case ast.Constant(value=str(text)):
                    yield statement.targets[0].id, text
                case ast.Attribute(value=ast.Name(id="version"), attr=name) if name in versions:
                    yield statement.targets[0].id, versions[name]
                case _:
                    continue
