"""Microsoft.Authorization: roles, who has them where, and what they allow.

Sources: "Understand Azure role definitions", "Azure built-in roles", "Troubleshoot Azure RBAC".
"""

import re
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    check_query,
)

VERSIONS = {"roleDefinitions": "2022-05-01-preview", "roleAssignments": "2022-04-01"}
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
_CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_BUILTIN: dict[str, Json] = {
    OWNER: {"actions": ["*"]},
    _CONTRIBUTOR: {
        "actions": ["*"],
        "notActions": [
            *(f"Microsoft.Authorization/*/{verb}" for verb in ("Delete", "Write")),
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Compute/galleries/share/action",
        ],
    },
    BLOB_CONTRIBUTOR: {
        "actions": [f"{_BLOBS}/{verb}" for verb in ("delete", "read", "write")],
        "dataActions": [f"{_BLOBS}/blobs/{verb}" for verb in ("delete", "read", "write")],
    },
}
#: As long as a custom role may be unknown at other front ends after it was made, in seconds.
_SETTLED = 120
_PATH = re.compile(
    r"(?P<scope>/subscriptions/.+?)/providers/Microsoft\.Authorization"
    r"/(?P<kind>roleDefinitions|roleAssignments)/(?P<name>[0-9a-f-]{36})",
    re.IGNORECASE,
)
_FIELDS = {
    "roleDefinitions": {
        *(f"properties.{name}" for name in ("roleName", "description", "type", "assignableScopes")),
        *(f"properties.permissions.{name}" for name in ("actions", "notActions")),
        *(f"properties.permissions.{name}" for name in ("dataActions", "notDataActions")),
    },
    # Conditions are for roles on blobs' data, and no role of this project has one.
    "roleAssignments": {
        f"properties.{name}" for name in ("principalId", "principalType", "roleDefinitionId")
    },
}


class Roles:
    """Those of a subscription, whose owner is the person who runs the tests."""

    def __init__(self) -> None:
        #: By id, in small letters.
        self._all: dict[str, Json] = {}
        #: For how many seconds after it was made nobody may be given a role.
        self.unknown_seconds = 0.0
        self._made: dict[str, float] = {}
        self.grant(PERSON_OBJECT, OWNER, f"/subscriptions/{SUBSCRIPTION}")

    def grant(self, principal: str, role: str, scope: str) -> None:
        """One of Azure's own roles; for tests."""
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}{role}"
        properties = {"principalId": principal, "roleDefinitionId": role, "scope": scope}
        self._all[id.lower()] = {"id": id, "properties": properties}

    def allow(self, principal: str, actions: Iterable[str], scope: str) -> None:
        """By a role of its own; for tests."""
        role = str(uuid.uuid4())
        self._all[role] = {"id": role, "properties": {"permissions": [{"actions": [*actions]}]}}
        self.grant(principal, role, scope)

    def revoke(self, principal: str, role: str) -> None:
        """Everywhere; for tests."""
        self._all = {id: one for id, one in self._all.items() if not _is(one, principal, role)}

    def knows(self, path: str) -> bool:
        return _PATH.fullmatch(path) is not None

    def call(self, request: Request) -> Answer:
        found = _PATH.fullmatch(request.path)
        assert found is not None
        kind = next(one for one in VERSIONS if one.lower() == found["kind"].lower())
        check_query(request, {"api-version"})
        if request.query.get("api-version") != VERSIONS[kind]:
            raise Refused(400, "InvalidApiVersionParameter", f"{kind} are of {VERSIONS[kind]}")
        key = request.path.lower()
        match request.method:
            case "GET" if key in self._all:
                return Answer(self._all[key])
            case "GET":
                code = f"{kind.capitalize().removesuffix('s')}DoesNotExist"
                raise Refused(404, code, f"The {kind} of id {found['name']} does not exist.")
            case "DELETE":
                self._check_removal(key)
                gone = self._all.pop(key, None)
                return Answer(gone) if gone else Answer(status=204)
            case "PUT":
                given = request.json()
                check_fields(given, _FIELDS[kind])
                return self._put(request.path, kind, found, given)
            case other:
                raise Refused(405, "MethodNotAllowed", f"{other} of {kind}")

    def _check_removal(self, id: str) -> None:
        users = [
            one
            for one in self._all.values()
            if one["properties"].get("roleDefinitionId", "").lower() == id
        ]
        if users:
            message = "There are existing role assignments referencing role."
            raise Refused(400, "RoleDefinitionHasAssignments", message)

    def _put(self, id: str, kind: str, at: re.Match[str], given: Json) -> Answer:
        old = self._all.get(id.lower())
        if kind == "roleDefinitions":
            self._made.setdefault(id.lower(), time.monotonic())
        else:
            self._check_assignment(at["scope"], given["properties"], old)
        # What is unknown for a while says that it is as old as that allows, so that no test waits.
        age = timedelta(seconds=_SETTLED - self.unknown_seconds)
        made = old["properties"]["createdOn"] if old else (datetime.now(UTC) - age).isoformat()
        properties = {**given["properties"], "scope": at["scope"], "createdOn": made}
        body = {"id": id, "name": at["name"], "type": f"Microsoft.Authorization/{kind}"}
        self._all[id.lower()] = {**body, "properties": properties}
        return Answer(self._all[id.lower()], 200 if old else 201)

    def _check_assignment(self, scope: str, given: Json, old: Json | None) -> None:
        """Sources: hashicorp/terraform-provider-azurerm issues 19916 and 10434 (not known yet);
        "Troubleshoot Azure RBAC" (one that is there)."""
        name = given["roleDefinitionId"].rpartition("/")[2]
        made = self._made.get(given["roleDefinitionId"].lower())
        fresh = made is not None and time.monotonic() - made < self.unknown_seconds
        if fresh or (made is None and name not in _BUILTIN):
            message = f"The specified role definition with ID '{name}' does not exist."
            raise Refused(400, "RoleDefinitionDoesNotExist", message)
        if old and old["properties"]["principalId"] != given["principalId"]:
            message = (
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            )
            raise Refused(400, "RoleAssignmentUpdateNotPermitted", message)
        for id, other in self._all.items():
            same = ("principalId", "roleDefinitionId")
            if (
                other is not old
                and "/roleassignments/" in id
                and other["properties"]["scope"].lower() == scope.lower()
                and all(other["properties"][key] == given[key] for key in same)
            ):
                raise Refused(409, "RoleAssignmentExists", "The role assignment already exists.")

    # What they allow

    def check(self, principal: str, action: str, scope: str, *, linked: bool = False) -> None:
        """Refuses what no role of the principal's allows there."""
        if not self.allows(principal, action, scope):
            message = (
                f"The client '{principal}' with object id '{principal}' does not have "
                f"authorization to perform action '{action}' over scope '{scope}' or the scope is "
                "invalid. If access was recently granted, please refresh your credentials."
            )
            code = "LinkedAuthorizationFailed" if linked else "AuthorizationFailed"
            raise Refused(403, code, message)

    def allows(self, principal: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether any role does: an assignment is for its scope and all that is below."""
        for one in list(self._all.values()):
            given = one["properties"]
            if given.get("principalId") != principal:
                continue
            within = f"{scope}/".lower().startswith(f"{given['scope']}/".lower())
            if within and _permits(self._permissions(given["roleDefinitionId"]), action, data=data):
                return True
        return False

    def _permissions(self, role: str) -> list[Json]:
        if found := self._all.get(role.lower()):
            return found["properties"]["permissions"]
        builtin = _BUILTIN.get(role.rpartition("/")[2])
        return [builtin] if builtin else []


def _is(one: Json, principal: str, role: str) -> bool:
    given = one["properties"]
    return (given.get("principalId"), given.get("roleDefinitionId")) == (principal, role)


def _permits(permissions: list[Json], action: str, *, data: bool) -> bool:
    yes, no = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return any(
        _matches(one.get(yes), action) and not _matches(one.get(no), action) for one in permissions
    )


def _matches(patterns: Any, action: str) -> bool:
    return any(
        re.fullmatch(re.escape(one).replace(r"\*", ".*"), action, re.IGNORECASE)
        for one in patterns or []
    )
