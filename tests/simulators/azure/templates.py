"""Templates of deployments: what their expressions stand for, and in which order things are made.

Functions and fields that no template of Packer's has are refused by name.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.simulators.azure.resources import group_id
from tests.simulators.azure.shapes import Json, Refused

_FIELDS = {"$schema", "contentVersion", "parameters", "variables", "resources"}
_TOKEN = re.compile(r"\s*('(?P<text>(?:[^']|'')*)'|(?P<word>\w+)|(?P<sign>[(),.]))")


class Template:
    """One that is filled in, for a group."""

    def __init__(self, template: Json, parameters: dict[str, Json], group: Json) -> None:
        if wrong := sorted(set(template) - _FIELDS):
            raise invalid(f"the simulated Azure does not know {wrong} of templates")
        self._group = group
        self._variables: Json = template.get("variables", {})
        self._parameters = _given(template.get("parameters", {}), parameters)
        wanted = [one for one in template["resources"] if self._filled(one.get("condition", True))]
        self.resources = _in_order([self._filled(one) for one in wanted])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self._filled(entry) for entry in value]
        if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
            return _Expression(value[1:-1], self._functions()).value()
        return value

    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "parameters": lambda name: _looked_up(self._parameters, name, "parameter"),
            "variables": lambda name: self._filled(_looked_up(self._variables, name, "variable")),
            "resourceGroup": lambda: self._group,
            "resourceId": self._resource_id,
            "concat": lambda *texts: "".join(texts),
            "empty": lambda value: not value,
            "not": lambda value: not value,
        }

    def _resource_id(self, *words: str) -> str:
        group, (type, name) = (
            (self._group["name"], words) if "/" in words[0] else (words[0], words[1:])
        )
        return f"{group_id(group)}/providers/{type}/{name}"


class _Expression:
    """`name(arguments).field`, or a text in quotes."""

    def __init__(self, text: str, functions: dict[str, Callable[..., Any]]) -> None:
        self._text, self._functions = text, functions
        self._tokens = list(_TOKEN.finditer(text))
        if "".join(token[0] for token in self._tokens) != text:
            raise self._wrong()

    def value(self) -> Any:
        found = self._value()
        if self._tokens:
            raise self._wrong()
        return found

    def _value(self) -> Any:
        token = self._next()
        if token["text"] is not None:
            return token["text"].replace("''", "'")
        function = self._functions.get(token["word"] or "")
        if function is None or self._next()["sign"] != "(":
            raise self._wrong()
        found = function(*self._arguments())
        while self._sign() == ".":
            self._next()
            found = _looked_up(found, self._next()["word"] or "", "field")
        return found

    def _arguments(self) -> list[Any]:
        found: list[Any] = []
        while self._sign() != ")":
            if found and self._next()["sign"] != ",":
                raise self._wrong()
            found.append(self._value())
        self._next()
        return found

    def _sign(self) -> str | None:
        return self._tokens[0]["sign"] if self._tokens else None

    def _next(self) -> re.Match[str]:
        if not self._tokens:
            raise self._wrong()
        return self._tokens.pop(0)

    def _wrong(self) -> Refused:
        return invalid(f"the simulated Azure does not know the expression [{self._text}]")


def invalid(message: str) -> Refused:
    return Refused(400, "InvalidTemplate", f"Deployment template validation failed: {message}")


def _given(declared: Json, given: dict[str, Json]) -> Json:
    for name in sorted(set(given) - set(declared)):
        raise invalid(f"the template declares no parameter '{name}'")
    for name in sorted(set(declared) - set(given)):
        raise invalid(f"the value for the template parameter '{name}' is not provided")
    return {name: one["value"] for name, one in given.items()}


def _looked_up(values: Json, name: str, what: str) -> Any:
    if name not in values:
        raise invalid(f"the template {what} '{name}' is not found")
    return values[name]


def _in_order(resources: list[Json]) -> list[Json]:
    """Each after those that it depends on."""
    left = {f"{one['type']}/{one['name']}".lower(): one for one in resources}
    made: dict[str, Json] = {}
    while left:
        ready = {
            key: one
            for key, one in left.items()
            if all(name.lower() in made for name in map(_short, one.get("dependsOn", [])))
        }
        if not ready:
            raise invalid(f"{sorted(left)} depend on what is not there, or on one another")
        made |= ready
        left = {key: one for key, one in left.items() if key not in ready}
    return list(made.values())


def _short(dependency: str) -> str:
    return dependency.rpartition("/providers/")[2]
