"""What `pulumi import --file` reads: resources that are there, and the state they are to have.

Of a resource with `outputs` Pulumi asks no provider (pulumi 3.254 and later, "Support inputs and
outputs on resources in import files", #23984): what stands here is the state afterwards.
"""

from collections.abc import Mapping
from typing import Any


class ImportFile:
    """The document, for one stack of a project; what the stack has already is left out of it.

    Names are of this document alone: resources of several types may have one name in a stack.
    """

    def __init__(self, project: str, stack: str, known: set[str]) -> None:
        self._urn = f"urn:pulumi:{stack}::{project}::"
        self._known = known
        self._types: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self.resources: list[dict[str, Any]] = []

    def add(
        self, name: str, kind: str, logical_name: str, parent: str | None = None, **more: Any
    ) -> None:
        """Puts a resource into it. `parent` is a name; `more` as Pulumi reads it."""
        self._types[name] = f"{self._types[parent]}${kind}" if parent else kind
        urn = f"{self._urn}{self._types[name]}::{logical_name}"
        if urn in self._known:
            self._names[name] = urn
            return
        own = {"type": kind, "name": name, "logicalName": logical_name, **more}
        self.resources.append({**own, "parent": parent} if parent else own)

    def document(self) -> Mapping[str, Any]:
        """The whole of it. Only names that resources of it refer to may be in its table."""
        used = {each.get(role) for each in self.resources for role in ("parent", "provider")}
        table = {name: urn for name, urn in self._names.items() if name in used}
        return {"nameTable": table, "resources": self.resources}
