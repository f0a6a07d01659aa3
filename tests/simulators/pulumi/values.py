"""Property values between gRPC and Python: plain JSON, with marks for secret and unknown."""
# protobuf's Struct has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from command_values import SECRET, SIGNATURE, UNKNOWN, Properties, has_unknown, is_secret, reveal

__all__ = [
    "UNKNOWN",
    "Properties",
    "from_struct",
    "has_unknown",
    "is_secret",
    "keep_secrets",
    "reveal",
    "secret",
    "to_struct",
    "without_nulls",
]


def from_struct(struct: Any) -> Properties:
    return _whole(MessageToDict(struct))


def _whole(value: Any) -> Any:
    """A Struct has no whole numbers, clouds and their clients ask for them."""
    if isinstance(value, dict):
        return {name: _whole(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def to_struct(properties: Properties) -> Any:
    struct = Struct()
    struct.update(properties)
    return struct


def without_nulls(properties: Properties) -> Properties:
    """An absent value may arrive as null; no provider tells the two apart."""
    return {name: value for name, value in properties.items() if value is not None}


def secret(value: Any) -> Properties:
    return {SIGNATURE: SECRET, "value": value}


def has_secret(value: Any) -> bool:
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def keep_secrets(outputs: Properties, inputs: Properties) -> Properties:
    """The outputs, with what came in as a secret (or around one) secret again."""
    return {
        name: secret(value) if has_secret(inputs.get(name)) and not is_secret(value) else value
        for name, value in outputs.items()
    }
