"""Every key of a stack's file, as the models describe it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.docstrings import texts_of
from config.fields import Key
from config.settings import Settings

_KINDS = {bool: "boolean", int: "integer"}


@dataclass(frozen=True)
class Described:
    """One key by the name that it has in a stack's file, with dots between levels."""

    name: str
    field: FieldInfo
    docstring: str

    @property
    def key(self) -> Key:
        """What its type cannot say."""
        return next((m for m in self.field.metadata if isinstance(m, Key)), Key())

    @property
    def text(self) -> str:
        """What it does, on one line."""
        return self.docstring.replace("\n", " ")

    @property
    def type(self) -> str:
        """Return the type in a person's words."""
        return _type_of(self.field.annotation)

    @property
    def default(self) -> str | None:
        """Return the default as JSON, or None where the key is required."""
        if self.field.is_required():
            return None
        return json.dumps(self.value)

    @property
    def value(self) -> Any:
        """The default as data."""
        value = self.field.get_default(call_default_factory=True)
        return value.model_dump(exclude_unset=True) if isinstance(value, BaseModel) else value

    @property
    def allowed(self) -> str:
        """The key's limits: those that its type knows, else what the key says."""
        literals = _literals(self.field.annotation)
        if literals:
            return ", ".join(f"`{value}`" for value in literals)
        low, high = _limit(self.field, "ge"), _limit(self.field, "le")
        if low is not None and not self.key.allowed:
            return f"{low} to {high}" if high is not None else f"{low} or more"
        return self.key.allowed

    @property
    def is_section(self) -> bool:
        """Whether it holds further keys."""
        return (
            section(self.field.annotation) is not None or _each(self.field.annotation) is not None
        )


def every() -> list[Described]:
    """All keys, each section's behind the key that holds it."""
    return list(_keys(Settings, ""))


def _keys(model: type[BaseModel], above: str) -> Iterator[Described]:
    texts = texts_of(model)
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        yield Described(key, field, texts.get(name, ""))
        below = section(field.annotation)
        if below is not None:
            yield from _keys(below, f"{key}.")
        each = _each(field.annotation)
        if each is not None:
            yield from _keys(each, f"{key}.<{name.removesuffix('s')}>.")


def section(annotation: Any) -> type[BaseModel] | None:
    """The model of a key that holds further keys."""
    candidates = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    for candidate in (annotation, *candidates):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _each(annotation: Any) -> type[BaseModel] | None:
    """The model of what a mapping holds, if that has keys."""
    return section(get_args(annotation)[1]) if get_origin(annotation) is dict else None


def _type_of(annotation: Any) -> str:
    """The type of a key's values in a person's words."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return _type_of(next(a for a in get_args(annotation) if a is not type(None)))
    if origin is Annotated:
        return _type_of(get_args(annotation)[0])
    if origin is list:
        return f"list of {_type_of(get_args(annotation)[0])}"
    if origin is dict or section(annotation) is not None:
        return "object"
    return _KINDS.get(annotation, "text")


def _literals(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _limit(field: FieldInfo, name: str) -> int | None:
    return next((getattr(m, name) for m in field.metadata if hasattr(m, name)), None)
