"""Microsoft Graph: applications, their principals and secrets."""

import re
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from tests.simulators.azure.login import PERSON, PERSON_OBJECT, Login
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
_PRINCIPAL = {"appId", "accountEnabled", "description", "tags", "appRoleAssignmentRequired"}
_PASSWORD = {
    f"passwordCredential.{name}" for name in ("displayName", "startDateTime", "endDateTime")
}


class Graph:
    def __init__(self, login: Login) -> None:
        self._login = login
        self.applications: dict[str, Json] = {}
        self.principals: dict[str, Json] = {
            PERSON_OBJECT: {"id": PERSON_OBJECT, "appId": PERSON, "displayName": "somebody"}
        }
        #: Key to secret.
        self._secrets: dict[str, str] = {}

    def call(self, request: Request) -> Answer:
        check_query(request, ())
        for pattern, verb, answer in _ROUTES:
            found = pattern.fullmatch(request.path)
            if found and verb == request.method:
                return answer(self, found.groupdict(), request)
        raise unknown(f"{request.method} {request.path} of Graph", 404)

    def make_application(self, at: dict[str, str], request: Request) -> Answer:
        given = _given(request, _APPLICATION, "displayName")
        ids: Json = {"id": str(uuid.uuid4()), "appId": str(uuid.uuid4())}
        made = {**given, **ids, "passwordCredentials": []}
        self.applications[made["id"]] = made
        self._login.clients[made["appId"]] = set()
        self._login.without_principal.add(made["appId"])
        return Answer(made, 201)

    def get_application(self, at: dict[str, str], request: Request) -> Answer:
        return Answer(_found(self.applications, at))

    def change_application(self, at: dict[str, str], request: Request) -> Answer:
        _found(self.applications, at).update(_given(request, _APPLICATION))
        return Answer(status=204)

    def delete_application(self, at: dict[str, str], request: Request) -> Answer:
        """Its principals and secrets go with it."""
        client = _found(self.applications, at)["appId"]
        del self.applications[at["id"]], self._login.clients[client]
        self.principals = {id: one for id, one in self.principals.items() if one["appId"] != client}
        return Answer(status=204)

    def add_password(self, at: dict[str, str], request: Request) -> Answer:
        application = _found(self.applications, at)
        given = _given(request, _PASSWORD).get("passwordCredential", {})
        key, secret = str(uuid.uuid4()), secrets.token_urlsafe(24)
        made = {"startDateTime": now(), **given, "keyId": key}
        application["passwordCredentials"].append(made)
        self._secrets[key] = secret
        self._login.clients[application["appId"]].add(secret)
        return Answer({**made, "secretText": secret})

    def remove_password(self, at: dict[str, str], request: Request) -> Answer:
        application = _found(self.applications, at)
        key = _given(request, {"keyId"}, "keyId")["keyId"]
        there = application["passwordCredentials"]
        if all(one["keyId"] != key for one in there):
            raise Refused(400, "Request_BadRequest", f"No password credential found with {key}.")
        application["passwordCredentials"] = [one for one in there if one["keyId"] != key]
        self._login.clients[application["appId"]].discard(self._secrets.pop(key))
        return Answer(status=204)

    def make_principal(self, at: dict[str, str], request: Request) -> Answer:
        given = _given(request, _PRINCIPAL, "appId")
        client = given["appId"]
        names = [a["displayName"] for a in self.applications.values() if a["appId"] == client]
        if not names or any(one["appId"] == client for one in self.principals.values()):
            raise Refused(400, "Request_BadRequest", f"The appId '{client}' is not valid, or used.")
        made = {**given, "id": str(uuid.uuid4()), "displayName": names[0]}
        self.principals[made["id"]] = made
        self._login.without_principal.discard(client)
        self._login.objects[client] = made["id"]
        return Answer(made, 201)

    def get_principal(self, at: dict[str, str], request: Request) -> Answer:
        return Answer(_found(self.principals, at))

    def get_principal_of(self, at: dict[str, str], request: Request) -> Answer:
        of = {one["appId"]: one for one in self.principals.values()}
        return Answer(_found(of, at))

    def delete_principal(self, at: dict[str, str], request: Request) -> Answer:
        self._login.without_principal.add(_found(self.principals, at)["appId"])
        del self.principals[at["id"]]
        return Answer(status=204)


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

_Method = Callable[[Graph, dict[str, str], Request], Answer]
_TABLE: list[tuple[str, str, _Method]] = [
    (_APPLICATIONS, "POST", Graph.make_application),
    (_APPLICATIONS + _ID, "GET", Graph.get_application),
    (_APPLICATIONS + _ID, "PATCH", Graph.change_application),
    (_APPLICATIONS + _ID, "DELETE", Graph.delete_application),
    (rf"{_APPLICATIONS}{_ID}/addPassword", "POST", Graph.add_password),
    (rf"{_APPLICATIONS}{_ID}/removePassword", "POST", Graph.remove_password),
    (_PRINCIPALS, "POST", Graph.make_principal),
    (rf"{_PRINCIPALS}\(appId='(?P<id>[^']+)'\)", "GET", Graph.get_principal_of),
    (_PRINCIPALS + _ID, "GET", Graph.get_principal),
    (_PRINCIPALS + _ID, "DELETE", Graph.delete_principal),
]
_ROUTES: list[tuple[re.Pattern[str], str, Any]] = [
    (re.compile(path), method, answer) for path, method, answer in _TABLE
]
