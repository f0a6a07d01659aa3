"""What a package's own Python SDK says about its resource types.

The SDK is generated from the schema that the real provider serves, so it knows every property's
name and type. Asking it spares a copy of the schema, and follows the installed version.
"""
# The SDK's tables and generated classes have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import importlib
import inspect
import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any

# What reads these classes at run time is in the Pulumi SDK's private module only.
from pulumi import _types
from pulumi.runtime import rpc

_IMPORTING = threading.RLock()


@dataclass(frozen=True)
class Shape:
    """The properties of a class, by the names they have on the wire."""

    types: dict[str, Any]
    required: frozenset[str]
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])


def version(package: str) -> str:
    return str(importlib.import_module(f"{_module(package)}._utilities").get_version())


@cache
def provider(package: str) -> Shape:
    """The properties of a package's own configuration."""
    with _IMPORTING:
        return arguments(importlib.import_module(f"{_module(package)}.provider").ProviderArgs)


@cache
def resource(kind: str) -> Shape | None:
    """The properties of a resource type such as `aws:s3/bucket:Bucket`, None if there is none."""
    package, module, _ = kind.split(":")
    # Calls come from many threads, and a module may be seen half imported.
    with _IMPORTING:
        importlib.import_module(_module(package))
        registered: Any = rpc.get_resource_module(package, module, "")
        names: dict[str, str] = registered.mod_info["classes"] if registered else {}
        if kind not in names:
            return None
        found = getattr(importlib.import_module(registered.mod_info["fqn"]), names[kind])
        # A resource's module exports two names: the resource and its arguments.
        home = sys.modules[found.__module__]
        (args,) = (name for name in home.__all__ if name != found.__name__)
        inputs = arguments(getattr(home, args))
        outputs = dict(_types.resource_types(found))
    return Shape(inputs.types, inputs.required, outputs)


@cache
def arguments(args: type) -> Shape:
    """The properties of a class of arguments, nested ones too."""
    names = _types.input_type_py_to_pulumi_names(args)
    parameters = list(inspect.signature(args).parameters.values())
    required = (names[one.name] for one in parameters if one.default is one.empty)
    return Shape(_types.input_type_types(args), frozenset(required))


def is_arguments(kind: Any) -> bool:
    return isinstance(kind, type) and _types.is_input_type(kind)


def results(kind: Any) -> dict[str, Any] | None:
    """The properties of a class of outputs; None for what is no such class."""
    is_class = isinstance(kind, type) and _types.is_output_type(kind)
    return dict(_types.output_type_types(kind)) if is_class else None


def _module(package: str) -> str:
    return "pulumi_" + package.replace("-", "_")
