"""Compare inputs with what the SDK says they are: a wrong name, type or omission is named."""

import types
import typing
from collections import abc
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pulumi

from tests.simulators.pulumi import sdk
from tests.simulators.pulumi.values import UNKNOWN, Properties

Problem = tuple[str, str]

_BASIC: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a string"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
}


def problems(shape: sdk.Shape, given: Properties, path: str = "") -> Iterator[Problem]:
    """Each property that is wrong: its path and the reason. Secrets are to be revealed before."""
    for name in sorted(shape.required - given.keys()):
        yield _member(path, name), f"the required property {name} is missing"
    for name, value in given.items():
        if name not in shape.types:
            allowed = ", ".join(sorted(shape.types))
            yield _member(path, name), f"there is no property {name}; there are: {allowed}"
        else:
            yield from _wrong(shape.types[name], value, _member(path, name))


def _wrong(kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if value is None or value == UNKNOWN or kind is Any:
        return
    found = [list(_wrong_one(member, value, path)) for member in members(kind)]
    if found and all(found):
        # Of several possible types, the one that came nearest has the best reason.
        yield from min(found, key=lambda wrong: (-len(wrong[0][0]), len(wrong)))


def members(kind: Any) -> Iterator[Any]:
    """The types of a union, without what only concerns how a value is handed over in Python."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        for member in typing.get_args(kind):
            yield from members(member)
    elif kind is not types.NoneType and origin not in (abc.Awaitable, pulumi.Output):
        yield kind


def _wrong_one(kind: Any, value: Any, path: str) -> Iterator[Problem]:
    origin = typing.get_origin(kind)
    if kind in _BASIC:
        allowed, wanted = _BASIC[kind]
        # For Python a bool is an int.
        if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
            yield path, f"must be {wanted}, not {_shown(value)}"
    elif isinstance(kind, type) and issubclass(kind, Enum):
        choices = [member.value for member in kind]
        if value not in choices:
            yield path, f"must be one of {choices}, not {_shown(value)}"
    elif sdk.is_arguments(kind):
        if isinstance(value, dict):
            yield from problems(sdk.arguments(kind), value, path)
        else:
            yield path, f"must be an object, not {_shown(value)}"
    elif origin is abc.Sequence:
        yield from _wrong_list(typing.get_args(kind)[0], value, path)
    elif origin is abc.Mapping:
        yield from _wrong_map(typing.get_args(kind)[1], value, path)


def _wrong_list(kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield path, f"must be a list, not {_shown(value)}"
        return
    for index, entry in enumerate(value):
        yield from _wrong(kind, entry, f"{path}[{index}]")


def _wrong_map(kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield path, f"must be a map, not {_shown(value)}"
        return
    for name, entry in value.items():
        yield from _wrong(kind, entry, f'{path}["{name}"]')


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    """The kind of value only: it may be secret."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")
