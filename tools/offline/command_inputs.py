"""The inputs of local.Command, and what is wrong with those given."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from command_values import UNKNOWN, Properties, reveal


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or value == UNKNOWN


def _is_list(value: Any) -> bool:
    return isinstance(value, list) or value == UNKNOWN


def _is_strings(value: Any) -> bool:
    return value == UNKNOWN or (
        isinstance(value, list) and all(map(_is_string, cast(list[Any], value)))
    )


def _is_string_map(value: Any) -> bool:
    return value == UNKNOWN or (
        isinstance(value, dict) and all(map(_is_string, cast(Properties, value).values()))
    )


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "create": (_is_string, "a string"),
    "update": (_is_string, "a string"),
    "delete": (_is_string, "a string"),
    "stdin": (_is_string, "a string"),
    "dir": (_is_string, "a string"),
    "logging": (_is_string, "a string"),
    "interpreter": (_is_strings, "a list of strings"),
    "environment": (_is_string_map, "a map of strings"),
    "addPreviousOutputInEnv": (_is_bool, "true or false"),
    "triggers": (_is_list, "a list"),
}
_NOT_SERVED = ("assetPaths", "archivePaths")


def known(inputs: Properties) -> Properties:
    """The inputs without absent values and names the resource does not have."""
    names = {*KINDS, *_NOT_SERVED}
    return {key: value for key, value in inputs.items() if key in names and value is not None}


def problems(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Each input that cannot be served, with the reason."""
    for name, value in inputs.items():
        if name in _NOT_SERVED:
            yield name, "the offline command provider does not serve this input"
            continue
        is_right, wanted = KINDS[name]
        if not is_right(reveal(value)):
            yield name, f"must be {wanted}"
