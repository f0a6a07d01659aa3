"""Role definitions and assignments: named by a GUID, below the scope for which they are."""

import uuid
from dataclasses import dataclass

from tests.simulators.azure.native.calls import Calls
from tests.simulators.azure.roles import VERSIONS
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

_BELOW = "/providers/Microsoft.Authorization/"


@dataclass(frozen=True)
class RoleKind:
    """One of the two: the end of its path, and the inputs that are no property of it."""

    what: str
    named_by: str
    #: Input to the same in Azure's words.
    renamed: tuple[tuple[str, str], ...] = ()
    #: Inputs beside those of the path for which the provider replaces it: `replacement.go` of
    #: azure-native has no `roleDefinitionId`, and Azure's specification does not call it fixed.
    fixed: tuple[str, ...] = ()

    @property
    def rules(self) -> Rules:
        return replaced_by("scope", self.named_by, *self.fixed, named_by=self.named_by)

    def body(self, inputs: Properties) -> Properties:
        names = dict(self.renamed)
        given = {name: inputs[name] for name in inputs if name not in ("scope", self.named_by)}
        return {"properties": {names.get(name, name): value for name, value in given.items()}}

    def outputs(self, found: Properties) -> Properties:
        back = {theirs: ours for ours, theirs in self.renamed}
        properties: Properties = found["properties"]
        within = {back.get(name, name): value for name, value in properties.items()}
        name = found["name"]
        return {**within, self.named_by: name, "name": name, "type": found["type"]}


ROLES = {
    "azure-native:authorization:RoleDefinition": RoleKind(
        "roleDefinitions", "roleDefinitionId", (("roleType", "type"),)
    ),
    "azure-native:authorization:RoleAssignment": RoleKind(
        "roleAssignments", "roleAssignmentName", fixed=("principalId",)
    ),
}


class RoleModel(Model):
    def __init__(self, kind: RoleKind, calls: Calls) -> None:
        self._kind, self._calls = kind, calls

    def create(self, name: str, inputs: Properties) -> Made:
        guid = inputs.get(self._kind.named_by) or str(uuid.uuid4())
        id = f"{inputs['scope']}{_BELOW}{self._kind.what}/{guid}"
        if self.read(id, {}) is not None:
            raise CloudError(f"cannot create already existing resource '{id}'")
        return Made(id, self.update(id, {}, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            return self._kind.outputs(self._call("GET", id))
        except Absent:
            return None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        try:
            return self._kind.outputs(self._call("PUT", id, self._kind.body(inputs)))
        except Absent as error:
            raise CloudError(str(error)) from None

    def delete(self, id: str, state: Properties) -> None:
        self._call("DELETE", id)

    def _call(self, method: str, id: str, body: Properties | None = None) -> Properties:
        return self._calls.call(method, id, body, **{"api-version": VERSIONS[self._kind.what]})
