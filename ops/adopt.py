"""Write what a state that was lost needs to have of the images that everyone boots, on AWS.

For `pulumi import --file`; the stack's present state, from `pulumi stack export`, says what it has.
"""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from bakery.project import PROJECT
from images.errors import UserError
from ops.command import FINE, Subparsers
from ops.import_file import ImportFile
from ops.stacks import settings_of


def register(commands: Subparsers) -> None:
    """Adds the command's arguments."""
    parser = commands.add_parser(
        "adopt", help="take published AMIs over into a state that was lost", description=__doc__
    )
    parser.add_argument("state", type=Path, help="what `pulumi stack export` wrote")
    parser.add_argument("-s", "--stack", required=True)
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console) -> int:
    """Prints the document. Raises UserError."""
    # AWS's packages take a second, which commands that need none of them should not.
    from ops.aws.adoption import AwsAdoption

    settings = settings_of(arguments.stack)
    chosen = settings.clouds.aws
    if chosen is None:
        raise UserError(f"{arguments.stack} has no images on AWS; of other clouds, see their pages")
    if not settings.immutable:
        raise UserError(
            f"nothing of {arguments.stack} is protected (`immutable`): `pulumi up` makes it anew"
        )
    stack = str(arguments.stack).rpartition("/")[2]
    file = ImportFile(_project(), stack, _known(arguments.state))
    AwsAdoption(settings, chosen, stack, file).write()
    print(json.dumps(file.document(), indent=2))
    for each in file.resources:
        print(f"{each['type']} {each['name']} {each.get('id', '')}".rstrip(), file=sys.stderr)
    return FINE


def _known(state: Path) -> set[str]:
    """URNs of what the stack has. Raises UserError for what is no state."""
    try:
        deployment: Any = json.loads(state.read_text(encoding="utf-8"))["deployment"]
        resources: list[Any] = deployment.get("resources") or []
        return {each["urn"] for each in resources}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{state} is not what `pulumi stack export` writes") from None


def _project() -> str:
    document: Any = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))
    return document["name"]
