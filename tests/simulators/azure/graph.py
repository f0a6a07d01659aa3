"""Microsoft Graph: applications, their principals, whom they trust, and their secrets."""

import re
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from tests.simulators.azure.login import PERSON, PERSON_OBJECT, Login
from tests.simulators.azure.owners import Owners
from tests.simulators.azure.shapes import (
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    check_query,
    now,
    unknown,
)

_APPLICATION = {"displayName", "description", "signInAudience", "tags", "owners@odata.bind"}
_PRINCIPAL = {
    *("appId", "accountEnabled", "description", "tags", "appRoleAssignmentRequired"),
    "owners@odata.bind",
}
_TRUST = {"name", "issuer", "subject", "description", "audiences"}
_PASSWORD = {
    f"passwordCredential.{name}" for name in ("displayName", "startDateTime", "endDateTime")
}


class Graph:
    def __init__(self, login: Login) -> None:
        self._login = login
        self.owners = Owners()
        self.applications: dict[str, Json] = {}
        self.principals: dict[str, Json] = {
            PERSON_OBJECT: {"id": PERSON_OBJECT, "appId": PERSON, "displayName": "somebody"}
        }
        #: Key to secret.
        self._secrets: dict[str, str] = {}

    def call(self, request: Request, caller: str) -> Answer:
        """What the object of that id asks for. Raises Refused."""
        check_query(request, ())
        for pattern, verb, answer in _ROUTES:
            found = pattern.fullmatch(request.path)
            if found and verb == request.method:
                return answer(self, found.groupdict(), request, caller)
        raise unknown(f"{request.method} {request.path} of Graph", 404)

    # Applications

    def make_application(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        """Who registers it owns it, and whom else he names."""
        given = _given(request, _APPLICATION, "displayName")
        ids: Json = {"id": str(uuid.uuid4()), "appId": str(uuid.uuid4())}
        self.owners.add(ids["id"], caller, *_bound(given))
        made = {**given, **ids, "passwordCredentials": [], "federated": {}}
        self.applications[made["id"]] = made
        self._login.clients[made["appId"]] = set()
        self._login.without_principal.add(made["appId"])
        return Answer(made, 201)

    def get_application(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        return Answer(_found(self.applications, at))

    def change_application(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        self._own_application(at, caller).update(_given(request, _APPLICATION))
        return Answer(status=204)

    def delete_application(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        """Its principals and secrets go with it."""
        client = self._own_application(at, caller)["appId"]
        del self.applications[at["id"]], self._login.clients[client]
        self.owners.forget(at["id"])
        self.principals = {id: one for id, one in self.principals.items() if one["appId"] != client}
        return Answer(status=204)

    def _own_application(self, at: dict[str, str], caller: str) -> Json:
        found = _found(self.applications, at)
        self.owners.check(caller, at["id"])
        return found

    def add_password(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        application = self._own_application(at, caller)
        given = _given(request, _PASSWORD).get("passwordCredential", {})
        key, secret = str(uuid.uuid4()), secrets.token_urlsafe(24)
        made = {"startDateTime": now(), **given, "keyId": key}
        application["passwordCredentials"].append(made)
        self._secrets[key] = secret
        self._login.clients[application["appId"]].add(secret)
        return Answer({**made, "secretText": secret})

    def remove_password(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        application = self._own_application(at, caller)
        key = _given(request, {"keyId"}, "keyId")["keyId"]
        there = application["passwordCredentials"]
        if all(one["keyId"] != key for one in there):
            raise Refused(400, "Request_BadRequest", f"No password credential found with {key}.")
        application["passwordCredentials"] = [one for one in there if one["keyId"] != key]
        self._login.clients[application["appId"]].discard(self._secrets.pop(key))
        return Answer(status=204)

    def add_trust(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        there: dict[str, Json] = self._own_application(at, caller)["federated"]
        given = _given(request, _TRUST, "name", "issuer", "subject", "audiences")
        if any(one["name"] == given["name"] for one in there.values()):
            message = f"FederatedIdentityCredential with name {given['name']} already exists."
            raise Refused(409, "Request_MultipleObjectsWithSameKeyValue", message)
        made = {**given, "id": str(uuid.uuid4())}
        there[made["id"]] = made
        return Answer(made, 201)

    def get_trust(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        there = _found(self.applications, at)["federated"]
        return Answer(_found(there, {"id": at["trust"]}))

    def change_trust(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        there = self._own_application(at, caller)["federated"]
        _found(there, {"id": at["trust"]}).update(_given(request, _TRUST))
        return Answer(status=204)

    def remove_trust(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        there = self._own_application(at, caller)["federated"]
        _found(there, {"id": at["trust"]})
        del there[at["trust"]]
        return Answer(status=204)

    # Principals

    def make_principal(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        given = _given(request, _PRINCIPAL, "appId")
        client = given["appId"]
        of = [a for a in self.applications.values() if a["appId"] == client]
        if not of or any(one["appId"] == client for one in self.principals.values()):
            raise Refused(400, "Request_BadRequest", f"The appId '{client}' is not valid, or used.")
        self.owners.check(caller, of[0]["id"])
        id = str(uuid.uuid4())
        self.owners.add(id, caller, *_bound(given))
        made = {**given, "id": id, "displayName": of[0]["displayName"]}
        self.principals[id] = made
        self._login.without_principal.discard(client)
        self._login.objects[client] = id
        return Answer(made, 201)

    def get_principal(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        return Answer(_found(self.principals, at))

    def get_principal_of(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        of = {one["appId"]: one for one in self.principals.values()}
        return Answer(_found(of, at))

    def delete_principal(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        client = _found(self.principals, at)["appId"]
        self.owners.check(caller, at["id"])
        self._login.without_principal.add(client)
        del self.principals[at["id"]]
        self.owners.forget(at["id"])
        return Answer(status=204)

    # Owners of both

    def get_owners(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        return Answer({"value": [{"id": one} for one in self.owners.of(self._owned(at))]})

    def add_owner(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        id = self._owned(at)
        self.owners.check(caller, id)
        self.owners.add(id, _object(_given(request, {"@odata.id"}, "@odata.id")["@odata.id"]))
        return Answer(status=204)

    def remove_owner(self, at: dict[str, str], request: Request, caller: str) -> Answer:
        id = self._owned(at)
        self.owners.check(caller, id)
        self.owners.remove(id, at["owner"])
        return Answer(status=204)

    def _owned(self, at: dict[str, str]) -> str:
        return _found({**self.applications, **self.principals}, at)["id"]


def _bound(given: Json) -> list[str]:
    """Whom a body names as owners, which is no property afterwards."""
    return [_object(link) for link in given.pop("owners@odata.bind", [])]


def _object(link: str) -> str:
    """The id in a link to an object of the directory."""
    return link.rpartition("/directoryObjects/")[2]


def _given(request: Request, known: set[str], *required: str) -> Json:
    given = request.json()
    check_fields(given, {*known, "tags.*"})
    if missing := [name for name in required if not given.get(name)]:
        raise Refused(400, "Request_BadRequest", f"A value is required for {missing}.")
    return given


def _found(there: dict[str, Json], at: dict[str, str]) -> Json:
    if at["id"] not in there:
        message = f"Resource '{at['id']}' does not exist or one of its queried references is not."
        raise Refused(404, "Request_ResourceNotFound", message)
    return there[at["id"]]


_APPLICATIONS, _PRINCIPALS = r"/v1\.0/applications", r"/v1\.0/servicePrincipals"
_ID = r"/(?P<id>[^/()]+)"
_TRUSTS = rf"{_APPLICATIONS}{_ID}/federatedIdentityCredentials"
_TRUST_ID = rf"{_TRUSTS}/(?P<trust>[^/]+)"
_OWNERS = rf"/v1\.0/(applications|servicePrincipals){_ID}/owners"

_Method = Callable[[Graph, dict[str, str], Request, str], Answer]
_TABLE: list[tuple[str, str, _Method]] = [
    (_APPLICATIONS, "POST", Graph.make_application),
    (_APPLICATIONS + _ID, "GET", Graph.get_application),
    (_APPLICATIONS + _ID, "PATCH", Graph.change_application),
    (_APPLICATIONS + _ID, "DELETE", Graph.delete_application),
    (rf"{_APPLICATIONS}{_ID}/addPassword", "POST", Graph.add_password),
    (rf"{_APPLICATIONS}{_ID}/removePassword", "POST", Graph.remove_password),
    (_TRUSTS, "POST", Graph.add_trust),
    (_TRUST_ID, "GET", Graph.get_trust),
    (_TRUST_ID, "PATCH", Graph.change_trust),
    (_TRUST_ID, "DELETE", Graph.remove_trust),
    (_PRINCIPALS, "POST", Graph.make_principal),
    (rf"{_PRINCIPALS}\(appId='(?P<id>[^']+)'\)", "GET", Graph.get_principal_of),
    (_PRINCIPALS + _ID, "GET", Graph.get_principal),
    (_PRINCIPALS + _ID, "DELETE", Graph.delete_principal),
    (_OWNERS, "GET", Graph.get_owners),
    (rf"{_OWNERS}/\$ref", "POST", Graph.add_owner),
    (rf"{_OWNERS}/(?P<owner>[^/]+)/\$ref", "DELETE", Graph.remove_owner),
]
_ROUTES: list[tuple[re.Pattern[str], str, Any]] = [
    (re.compile(path), method, answer) for path, method, answer in _TABLE
]
