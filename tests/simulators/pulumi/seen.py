"""What a refresh makes of a resource's inputs.

The next preview compares the program with these: what drifted has to show there.
"""

import typing
from collections import abc
from typing import Any

from tests.simulators.pulumi import names, sdk
from tests.simulators.pulumi.checking import members
from tests.simulators.pulumi.values import Properties, is_secret, reveal, secret


def inputs_as_seen(inputs: Properties, outputs: Properties, shape: sdk.Shape) -> Properties:
    if not inputs:
        # Nothing is known but the ID: an import.
        return _given(shape, outputs)
    seen: Properties = {}
    for name, value in inputs.items():
        if name == names.MARK or reveal(value) == outputs.get(name):
            seen[name] = value
        elif name in outputs:
            seen[name] = secret(outputs[name]) if is_secret(value) else outputs[name]
    return seen


def inputs_in_state(inputs: Properties, outputs: Properties, shape: sdk.Shape) -> Properties:
    """What of the outputs a program can give: nothing and empty are the same to Terraform."""
    marks = {name: value for name, value in inputs.items() if name == names.MARK}
    return marks | {
        name: outputs[name] for name in shape.types if outputs.get(name) not in (None, "", [], {})
    }


def _given(shape: sdk.Shape, outputs: Properties) -> Properties:
    """What of the outputs, at any depth, a program can give."""
    return {
        name: _given_value(shape.types[name], value)
        for name, value in outputs.items()
        if name in shape.types
    }


def _given_value(kind: Any, value: Any) -> Any:
    for member in members(kind):
        if isinstance(value, dict) and sdk.is_arguments(member):
            return _given(sdk.arguments(member), value)
        if isinstance(value, list) and typing.get_origin(member) is abc.Sequence:
            return [_given_value(typing.get_args(member)[0], entry) for entry in value]
    return value
