"""A provider's own configuration: what is structured in it arrives as JSON in a string."""

import json
from typing import Any

from tests.simulators.pulumi import sdk
from tests.simulators.pulumi.values import UNKNOWN, Properties

# The engine's, not the provider's.
_ENGINES = ("version", "pluginDownloadURL", "__internal")


def decoded(shape: sdk.Shape, given: Properties) -> Properties:
    return {
        name: _decoded(shape.types.get(name), value)
        for name, value in given.items()
        if name not in _ENGINES and value is not None
    }


def _decoded(kind: Any, value: Any) -> Any:
    if kind is str or not isinstance(value, str) or value == UNKNOWN:
        return value
    try:
        return json.loads(value)
    except ValueError:
        # Left as it is, the check names it.
        return value
