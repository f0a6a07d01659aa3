"""Applications, their principals, whom they trust, their secrets."""

from typing import ClassVar

from tests.simulators.azure.azuread.directory import DirectoryModel, OwnedModel
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


class Application(OwnedModel):
    rules: ClassVar[Rules] = replaced_by(by_state=True)
    _given = ("displayName", "description", "signInAudience", "tags")

    def create(self, name: str, inputs: Properties) -> Made:
        body = {**self._body(inputs), **self.bound(inputs)}
        id = f"/applications/{self.graph('POST', '/applications', body)['id']}"
        # The provider looks in this way whether it is known everywhere.
        self.graph("PATCH", id, {"displayName": inputs["displayName"]})
        self.release(id, inputs)
        return Made(id, {**inputs, **(self.read(id, inputs) or {})})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.graph("GET", id)
        shown = {name: found[name] for name in self._given if name in found}
        ids = {"clientId": found["appId"], "objectId": found["id"]}
        return {**state, **shown, **ids, "owners": self.owners(id)}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        self.graph("PATCH", id, self._body(inputs))
        self.change_owners(id, state, inputs)
        return {**inputs, **(self.read(id, inputs) or {})}

    def delete(self, id: str, state: Properties) -> None:
        self.graph("DELETE", id)

    def _body(self, inputs: Properties) -> Properties:
        return {name: inputs[name] for name in self._given if name in inputs}


class ServicePrincipal(OwnedModel):
    rules: ClassVar[Rules] = replaced_by("clientId", by_state=True)

    def create(self, name: str, inputs: Properties) -> Made:
        body = {"appId": inputs["clientId"], **self.bound(inputs)}
        id = f"/servicePrincipals/{self.graph('POST', '/servicePrincipals', body)['id']}"
        self.release(id, inputs)
        return Made(id, {**inputs, **(self.read(id, inputs) or {})})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.graph("GET", id)
        seen = {"clientId": found["appId"], "objectId": found["id"], "owners": self.owners(id)}
        return {**state, **seen, "displayName": found["displayName"]}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        self.change_owners(id, state, inputs)
        return {**inputs, **(self.read(id, inputs) or {})}

    def delete(self, id: str, state: Properties) -> None:
        self.graph("DELETE", id)


class FederatedCredential(DirectoryModel):
    rules: ClassVar[Rules] = replaced_by("applicationId", "displayName")
    _given = ("issuer", "subject", "audiences", "description")

    def create(self, name: str, inputs: Properties) -> Made:
        application = inputs["applicationId"]
        path = f"{application}/federatedIdentityCredentials"
        made = self.graph("POST", path, {"name": inputs["displayName"], **self._body(inputs)})
        id = f"{application.rpartition('/')[2]}/federatedIdentityCredential/{made['id']}"
        return Made(id, {**inputs, **(self.read(id, {}) or {})})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.graph("GET", self._path(id))
        shown = {name: found[name] for name in self._given if name in found}
        application = f"/applications/{id.partition('/')[0]}"
        named = {"displayName": found["name"], "credentialId": found["id"]}
        return {**state, **shown, **named, "applicationId": application}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        self.graph("PATCH", self._path(id), self._body(inputs))
        return {**inputs, **(self.read(id, inputs) or {})}

    def delete(self, id: str, state: Properties) -> None:
        self.graph("DELETE", self._path(id))

    def _body(self, inputs: Properties) -> Properties:
        return {name: inputs[name] for name in self._given if name in inputs}

    def _path(self, id: str) -> str:
        application, _, credential = id.split("/")
        return f"/applications/{application}/federatedIdentityCredentials/{credential}"


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
