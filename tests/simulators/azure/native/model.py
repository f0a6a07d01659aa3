"""How every type of Azure is made, seen, changed and removed: by its path, as the whole."""

import re
from dataclasses import dataclass, field

from tests.simulators.azure.native.calls import Calls, Failed
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import Absent, CloudError, HalfMade
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

# Beside the properties of a resource; all others are in those.
_BESIDE = ("location", "tags", "sku", "kind", "identity", "extendedLocation", "managedBy")


@dataclass(frozen=True)
class Kind:
    """One type: its path below a subscription, in whose words names of inputs stand."""

    version: str
    path: str
    #: Input to the same in Azure's words.
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    #: What reading it asks for besides.
    expand: str = ""

    @property
    def names(self) -> list[str]:
        return [match[1] for match in re.finditer(r"{(\w+)}", self.path)]

    @property
    def rules(self) -> Rules:
        # Azure refuses more changes than that, but its provider does not know.
        return replaced_by(*self.names, "location", named_by=self.names[-1])

    def id(self, subscription: str, inputs: Properties) -> str:
        names = {name: inputs[name] for name in self.names}
        return f"/subscriptions/{subscription}/{self.path.format(**names)}"

    def named(self, id: str) -> Properties:
        """The inputs that are in an id."""
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(f"/subscriptions/[^/]+/{pattern}", id, re.IGNORECASE)
        if found is None:
            raise CloudError(f"'{id}' is not the id of {self.path}")
        return {name: found[name] for name in self.names}

    def body(self, inputs: Properties) -> Properties:
        given = {name: inputs[name] for name in inputs if name not in self.names}
        beside: Properties = {name: value for name, value in given.items() if name in _BESIDE}
        within: Properties = {
            self.renamed.get(name, name): value
            for name, value in given.items()
            if name not in _BESIDE
        }
        return {**beside, "properties": within} if within else beside

    def outputs(self, id: str, body: Properties) -> Properties:
        back = {theirs: ours for ours, theirs in self.renamed.items()}
        properties: Properties = body["properties"]
        within = {back.get(name, name): value for name, value in properties.items()}
        shown = ("name", "type", "systemData", *_BESIDE)
        return {
            **self.named(id),
            **within,
            **{name: body[name] for name in shown if name in body},
            "azureApiVersion": self.version,
        }


class AzureModel(Model):
    def __init__(self, kind: Kind, calls: Calls) -> None:
        self._kind, self._calls = kind, calls

    def create(self, name: str, inputs: Properties) -> Made:
        id = self._kind.id(self._calls.subscription, inputs)
        if self.read(id, {}) is not None:
            raise CloudError(f"cannot create already existing resource '{id}'")
        return Made(id, self._put(id, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            found = self._call("GET", id)
        except Absent:
            return None
        return self._kind.outputs(id, found)

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        return self._put(id, inputs)

    def delete(self, id: str, state: Properties) -> None:
        try:
            self._call("DELETE", id)
        except Absent:
            return

    def _put(self, id: str, inputs: Properties) -> Properties:
        try:
            self._call("PUT", id, self._kind.body(inputs))
        except Absent as error:
            raise CloudError(str(error)) from None
        except Failed as error:
            # It is there, but not as it should be.
            raise HalfMade(str(error), id, self.read(id, {}) or {}, inputs) from None
        return self.read(id, {}) or {}

    def _call(self, method: str, id: str, body: Properties | None = None) -> Properties:
        query = {"api-version": self._kind.version}
        if method == "GET" and self._kind.expand:
            query["$expand"] = self._kind.expand
        return self._calls.call(method, id, body, **query)
