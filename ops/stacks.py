"""Stack files as Pulumi reads them, without Pulumi."""

import json
from pathlib import Path
from typing import Any, cast

import yaml

from bakery.project import PROJECT
from config.load import load
from config.settings import Settings
from images.errors import ConfigurationError, UserError


def stack_file(stack: str) -> Path:
    """The file of a stack, by the name that Pulumi gives it."""
    return PROJECT / f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def stack_names() -> list[str]:
    """Stacks that have a file in the checkout."""
    return sorted(
        file.name.split(".", 1)[1][: -len(".yaml")] for file in PROJECT.glob("Pulumi.*.yaml")
    )


def settings_of(stack: str) -> Settings:
    """A stack's settings. Raises UserError where it has no file, or one that cannot be."""
    file = stack_file(stack)
    try:
        document: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"there is no {file.name}; the stacks of this checkout are {', '.join(stack_names())}"
        ) from None
    except yaml.YAMLError as error:
        raise UserError(f"{file.name} is no YAML: {error}") from None
    section: Any = (
        cast(dict[str, Any], document).get("config", {}) if isinstance(document, dict) else {}
    )
    if not isinstance(section, dict):
        raise UserError(f"{file.name}: config is no mapping")
    config = cast(dict[str, Any], section)
    flat = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
    }
    try:
        return load(flat)
    except ConfigurationError as error:
        raise UserError(f"{file.name}: {error}") from None
