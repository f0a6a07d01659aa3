"""What stands below each field of the configuration's models, read from their source."""

import ast
import inspect
import sys
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from config.fields import Strict


def texts_of(model: type[BaseModel]) -> dict[str, str]:
    """Field to its docstring, those of inherited fields included.

    pydantic can do this itself (`use_attribute_docstrings`), but then does it whenever the models
    are imported, with a search of all modules that there are for each model: a third of a second
    in every run of the program, for what only documents have.
    """
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Strict):
            found |= _classes(each.__module__).get(each.__name__, {})
    return found


class WithDocstrings(GenerateJsonSchema):
    """Makes a schema in which each property has its docstring as its description."""

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().model_schema(schema)
        texts = texts_of(schema["cls"])
        for name, field in schema["cls"].model_fields.items():
            if name in texts:
                made["properties"][field.alias or name]["description"] = texts[name]
        return made


@cache
def _classes(module: str) -> dict[str, dict[str, str]]:
    """Class of a module to its fields' docstrings."""
    file = inspect.getsourcefile(sys.modules[module])
    assert file is not None
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> dict[str, str]:
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in zip(node.body, node.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(below.value.value, str)
    }
