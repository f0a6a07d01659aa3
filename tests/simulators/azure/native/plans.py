"""What a preview knows of a resource that azure-native is to make or to change.

Inputs, at any depth, and of what is there the name and where it is: all else that Azure answers may
be another afterwards (`Update` in `provider.go` and `previewOutputs.go` of pulumi-azure-native).
"""

import typing
from collections import abc
from typing import Any

from tests.simulators.pulumi import sdk
from tests.simulators.pulumi.checking import members
from tests.simulators.pulumi.values import SECRET, SIGNATURE, UNKNOWN, Properties

_STABLE = ("name", "location")


def planned(outputs: dict[str, Any], inputs: Properties, state: Properties) -> Properties:
    known = {name: state[name] for name in _STABLE if name in state and name in outputs}
    return {**_filled(outputs, inputs), **known}


def _filled(outputs: dict[str, Any], inputs: Properties) -> Properties:
    return {
        name: _value(kind, inputs[name]) if name in inputs else UNKNOWN
        for name, kind in outputs.items()
    }


def _value(kind: Any, value: Any) -> Any:
    if isinstance(value, dict) and value.get(SIGNATURE) == SECRET:
        return {**value, "value": _value(kind, value["value"])}
    for member in members(kind):
        if isinstance(value, dict) and (within := sdk.results(member)) is not None:
            return _filled(within, value)
        if isinstance(value, list) and typing.get_origin(member) is abc.Sequence:
            return [_value(typing.get_args(member)[0], entry) for entry in value]
    return value
