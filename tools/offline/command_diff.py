"""What changed between two sets of inputs, as property paths."""

import re
from enum import Enum
from typing import Any, cast

from command_values import Properties, is_secret

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


class Change(Enum):
    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


def differences(old: Properties, new: Properties) -> dict[str, Change]:
    return _between(old, new, "")


def _between(old: Any, new: Any, path: str) -> dict[str, Change]:
    if old == new:
        return {}
    if _is_object(old) and _is_object(new):
        return _merge(old, new, {key: _member(path, key) for key in [*old, *new]})
    if isinstance(old, list) and isinstance(new, list):
        before, after = cast(list[Any], old), cast(list[Any], new)
        count = max(len(before), len(after))
        paths = {index: f"{path}[{index}]" for index in range(count)}
        return _merge(dict(enumerate(before)), dict(enumerate(after)), paths)
    return {path: Change.UPDATE}


def _merge(old: dict[Any, Any], new: dict[Any, Any], paths: dict[Any, str]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for key, path in paths.items():
        if key not in old:
            found[path] = Change.ADD
        elif key not in new:
            found[path] = Change.DELETE
        else:
            found |= _between(old[key], new[key], path)
    return found


def _is_object(value: Any) -> bool:
    # A secret is one value: its path must not lead inside.
    return isinstance(value, dict) and not is_secret(cast(Properties, value))


def _member(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        escaped = key.replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{key}" if path else key
