"""Property values as the engine sends them: plain JSON, with marks for secret and unknown."""

from typing import Any, cast

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties = dict[str, Any]


def reveal(value: Any) -> Any:
    """The value with every secret replaced by what it holds."""
    if isinstance(value, dict):
        entries = cast(Properties, value)
        if entries.get(SIGNATURE) == SECRET:
            return reveal(entries.get("value"))
        return {key: reveal(entry) for key, entry in entries.items()}
    if isinstance(value, list):
        return [reveal(entry) for entry in cast(list[Any], value)]
    return value


def is_secret(value: Any) -> bool:
    return isinstance(value, dict) and cast(Properties, value).get(SIGNATURE) == SECRET


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_unknown(entry) for entry in cast(Properties, value).values())
    if isinstance(value, list):
        return any(has_unknown(entry) for entry in cast(list[Any], value))
    return value == UNKNOWN
