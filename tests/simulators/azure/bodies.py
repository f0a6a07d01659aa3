"""Bodies of resources: what of the old one stays, and what a list shows of each."""

import copy
from typing import Any

from tests.simulators.azure.resources import Id
from tests.simulators.azure.shapes import Json, Refused


def keep(name: str, new: Json, old: Json) -> None:
    """A part of the properties stays as it was, given again or not."""
    if new.get(name) and not _within(new[name], old.get(name)):
        message = f"Changing property '{name}' is not allowed."
        raise Refused(409, "PropertyChangeNotAllowed", message)
    if name in old:
        new[name] = old[name]


def _within(new: Any, old: Any) -> bool:
    """Whether what is given is so; there may be more."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(_within(new[key], old.get(key)) for key in new)
    return new == old


def merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    changed = {key: merged(old.get(key), value) for key, value in new.items()}
    return {**copy.deepcopy(old), **changed}


def in_list(body: Json) -> Json:
    id = Id.parse(body["id"])
    assert id is not None
    shown = {
        key: body[key] for key in ("id", "type", "location", "tags", "managedBy") if key in body
    }
    return {**shown, "name": "/".join(id.rest[1::2])}
