"""Applications, their principals, their secrets."""

from typing import ClassVar

from tests.simulators.azure.native.calls import Absent, Calls
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


class DirectoryModel(Model):
    rules: ClassVar[Rules] = Rules()

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def graph(self, method: str, path: str, body: Properties | None = None) -> Properties:
        return self.calls.call(method, f"/v1.0{path}", body)


class Application(DirectoryModel):
    _given = ("displayName", "description", "signInAudience", "tags")

    def create(self, name: str, inputs: Properties) -> Made:
        id = f"/applications/{self.graph('POST', '/applications', self._body(inputs))['id']}"
        return Made(id, {**inputs, **(self.read(id, inputs) or {})})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.graph("GET", id)
        shown = {name: found[name] for name in self._given if name in found}
        return {**state, **shown, "clientId": found["appId"], "objectId": found["id"]}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        self.graph("PATCH", id, self._body(inputs))
        return {**inputs, **(self.read(id, inputs) or {})}

    def delete(self, id: str, state: Properties) -> None:
        self.graph("DELETE", id)

    def _body(self, inputs: Properties) -> Properties:
        return {name: inputs[name] for name in self._given if name in inputs}


class ServicePrincipal(DirectoryModel):
    rules: ClassVar[Rules] = replaced_by("clientId")

    def create(self, name: str, inputs: Properties) -> Made:
        found = self.graph("POST", "/servicePrincipals", {"appId": inputs["clientId"]})
        id = f"/servicePrincipals/{found['id']}"
        return Made(id, {**inputs, **(self.read(id, inputs) or {})})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.graph("GET", id)
        seen = {"clientId": found["appId"], "objectId": found["id"]}
        return {**state, **seen, "displayName": found["displayName"]}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        return {**inputs, **(self.read(id, inputs) or {})}

    def delete(self, id: str, state: Properties) -> None:
        self.graph("DELETE", id)


class ApplicationPassword(DirectoryModel):
    """Its value is told once, when it is made."""

    rules: ClassVar[Rules] = replaced_by(
        *("applicationId", "displayName", "endDate", "endDateRelative"),
        *("rotateWhenChanged", "startDate"),
    )

    def create(self, name: str, inputs: Properties) -> Made:
        given = {
            theirs: inputs[ours]
            for ours, theirs in (("displayName", "displayName"), ("endDate", "endDateTime"))
            if ours in inputs
        }
        body = {"passwordCredential": given}
        made = self.graph("POST", f"{inputs['applicationId']}/addPassword", body)
        key = made["keyId"]
        id = f"{inputs['applicationId'].rpartition('/')[2]}/password/{key}"
        return Made(id, {**inputs, "keyId": key, "value": made["secretText"]})

    def read(self, id: str, state: Properties) -> Properties | None:
        application, _, key = id.split("/")
        there = self.graph("GET", f"/applications/{application}")["passwordCredentials"]
        return state if any(one["keyId"] == key for one in there) else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        raise CloudError("nothing of it can be changed")

    def delete(self, id: str, state: Properties) -> None:
        if self.read(id, state) is not None:
            application, _, key = id.split("/")
            self.graph("POST", f"/applications/{application}/removePassword", {"keyId": key})


class Guarded(Model):
    """A model for which absence is an answer."""

    def __init__(self, model: DirectoryModel) -> None:
        self._model = model

    def create(self, name: str, inputs: Properties) -> Made:
        try:
            return self._model.create(name, inputs)
        except Absent as error:
            raise CloudError(str(error)) from None

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            return self._model.read(id, state)
        except Absent:
            return None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        try:
            return self._model.update(id, state, inputs)
        except Absent as error:
            raise CloudError(str(error)) from None

    def delete(self, id: str, state: Properties) -> None:
        try:
            self._model.delete(id, state)
        except Absent:
            return
