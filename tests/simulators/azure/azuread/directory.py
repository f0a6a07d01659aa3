"""What models of the directory share: calls of Graph, owners.

The provider makes the caller an owner of what it makes, and at the end of that takes him off again
unless `owners` has him (`application_resource.go` and `service_principal_resource.go` of
hashicorp/terraform-provider-azuread: `removeCallerOwner`).
"""

from typing import ClassVar

from tests.simulators.azure.native.calls import Calls
from tests.simulators.pulumi.cloud import Model
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import Properties


class DirectoryModel(Model):
    rules: ClassVar[Rules] = Rules()

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def graph(self, method: str, path: str, body: Properties | None = None) -> Properties:
        return self.calls.call(method, f"/v1.0{path}", body)


class OwnedModel(DirectoryModel):
    def bound(self, inputs: Properties) -> Properties:
        """Who owns it to begin with, as a body of Graph has it."""
        caller = self.calls.caller
        others = [one for one in inputs.get("owners", []) if one != caller]
        return {"owners@odata.bind": [_link(one) for one in (caller, *others)]}

    def release(self, id: str, inputs: Properties) -> None:
        if self.calls.caller not in inputs.get("owners", []):
            self._disown(id, self.calls.caller)

    def owners(self, id: str) -> list[str]:
        return [one["id"] for one in self.graph("GET", f"{id}/owners")["value"]]

    def change_owners(self, id: str, state: Properties, inputs: Properties) -> None:
        """To those that are wanted, if others were wanted before."""
        wanted = inputs.get("owners", [])
        if set(wanted) == set(state.get("owners", [])):
            return
        there = self.owners(id)
        for one in set(wanted) - set(there):
            self.graph("POST", f"{id}/owners/$ref", {"@odata.id": _link(one)})
        for one in set(there) - set(wanted):
            self._disown(id, one)

    def _disown(self, id: str, owner: str) -> None:
        self.graph("DELETE", f"{id}/owners/{owner}/$ref")


def _link(object_id: str) -> str:
    return f"https://graph.microsoft.com/v1.0/directoryObjects/{object_id}"
