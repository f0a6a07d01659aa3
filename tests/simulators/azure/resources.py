"""What Resource Manager keeps, and what a kind of resource has to say for itself."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tests.simulators.azure.shapes import SUBSCRIPTION, Answer, Json, Refused, region

COMPUTE, DISKS, GALLERIES = "2026-04-01", "2026-03-02", "2026-03-03"
GROUPS, NETWORK, STORAGE = "2025-04-01", "2024-05-01", "2024-01-01"
#: In which Packers ask: the one that has its builders inside, and today's plugin.
PACKER_COMPUTE, PACKER_DISKS = ("2018-04-01", "2022-03-01"), ("2022-03-02",)
PACKER_GROUPS, PACKER_NETWORK = ("2018-02-01", "2022-09-01"), ("2018-01-01", "2023-09-01")

#: Whose nested things are resources of their own here, parents included.
_NESTING = {"Microsoft.Compute"}

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/(?P<namespace>[^/]+)/(?P<rest>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Id:
    """Of a resource in a group; the names as they came."""

    group: str
    namespace: str
    rest: tuple[str, ...]

    @classmethod
    def parse(cls, path: str) -> "Id | None":
        found = _ID.fullmatch(path)
        if found is None or found["subscription"].lower() != SUBSCRIPTION:
            return None
        return cls(found["group"], found["namespace"], tuple(found["rest"].split("/")))

    def __str__(self) -> str:
        path = "/".join((self.namespace, *self.rest))
        return f"{group_id(self.group)}/providers/{path}"

    @property
    def type(self) -> str:
        return "/".join((self.namespace, *self.rest[::2]))

    @property
    def name(self) -> str:
        return self.rest[-1]

    def up(self, steps: int = 1) -> "Id":
        """What it is in."""
        return Id(self.group, self.namespace, self.rest[: -2 * steps])


def group_id(group: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"


class Resources:
    """By id, whose letters' case does not count."""

    def __init__(self) -> None:
        self.groups: dict[str, Json] = {}
        self._all: dict[str, Json] = {}

    def group(self, name: str) -> Json:
        if name.lower() not in self.groups:
            message = f"Resource group '{name}' could not be found."
            raise Refused(404, "ResourceGroupNotFound", message)
        return self.groups[name.lower()]

    def get(self, id: object) -> Json | None:
        return self._all.get(str(id).lower())

    def find(self, id: Id, verb: str = "read") -> Json:
        """It. Refuses in Azure's two ways: nothing of that name, or not even what it is in.

        The second is what every service says of a child whose parent is not there (seen for
        Microsoft.Synapse's `workspaces/sqlPools`, Microsoft.Web's `staticSites/builds` and others;
        for galleries "Troubleshoot images in an Azure Compute Gallery" has it in its own words).
        """
        self.group(id.group)
        found = self.get(id)
        if found is not None:
            return found
        parent = id.up()
        if len(id.rest) > 2 and self.get(parent) is None and parent.namespace in _NESTING:
            message = (
                f"Failed to perform '{verb}' on resource(s) of type '{'/'.join(id.rest[::2])}', "
                f"because the parent resource '{parent}' could not be found."
            )
            raise Refused(404, "ParentResourceNotFound", message)
        message = (
            f"The Resource '{id.namespace}/{'/'.join(id.rest)}' under resource group "
            f"'{id.group}' was not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix"
        )
        raise Refused(404, "ResourceNotFound", message)

    def put(self, body: Json) -> None:
        self._all[body["id"].lower()] = body

    def remove(self, id: object) -> None:
        self._all.pop(str(id).lower(), None)

    def of(self, type: str, group: str | None = None) -> list[Json]:
        within = f"{group_id(group)}/".lower() if group else ""
        return [
            body
            for key, body in self._all.items()
            if body["type"].lower() == type.lower() and key.startswith(within)
        ]

    def below(self, id: object) -> list[Json]:
        """All that is in a resource or a group."""
        start = f"{id}/".lower()
        return [body for key, body in self._all.items() if key.startswith(start)]

    def referring(self, id: object, types: tuple[str, ...]) -> Iterator[Json]:
        """The resources of these types in which this one's id, or of a part of it, occurs."""
        wanted = re.compile(re.escape(str(id)) + '[/"]', re.IGNORECASE)
        for type in types:
            for body in self.of(type):
                if wanted.search(json.dumps(body)):
                    yield body


class Kind:
    """A type of resource. To begin with, all that it is given is kept."""

    type: ClassVar[str]
    version: ClassVar[str]
    #: Others that are known, besides.
    others: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[tuple[str, ...]]
    name: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
    #: Whether making it takes its time.
    slow: ClassVar[bool] = True
    #: How far up that is which has to be there; 0 is the group.
    inside: ClassVar[int] = 0
    #: Parts of the properties that stay as they were made.
    fixed: ClassVar[tuple[str, ...]] = ()
    #: Parts of the properties that a PATCH gives whole: what it leaves out is lost.
    whole: ClassVar[tuple[str, ...]] = ()
    #: Types of the resources that keep it from being deleted, and with which word.
    used_by: ClassVar[tuple[str, ...]] = ()
    in_use: ClassVar[tuple[int, str]] = (409, "InUse")
    queries: ClassVar[dict[str, set[str]]] = {}

    def __init__(self, resources: Resources, address: str) -> None:
        self.resources, self.address = resources, address

    def check_given(self, given: Json) -> None:
        """Refuse what Azure does of what a PUT or PATCH says, whatever is there already."""

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        """Refuse what Azure does; `body` is what the resource would be."""

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        """Add what Azure adds."""

    def finish(self, id: Id) -> None:
        """The end of making it; refuses when it has failed in the end."""

    def check_removal(self, id: Id, body: Json) -> None:
        for user in self.resources.referring(id, self.used_by):
            status, code = self.in_use
            message = f"{self.type} {id.name} is in use by {user['id']} and cannot be deleted."
            raise Refused(status, code, message)

    def removed(self, id: Id, body: Json) -> None:
        """What else changes when it is gone."""

    def shown(self, body: Json, query: dict[str, str]) -> Json:
        return copy.deepcopy(body)

    def post(self, id: Id, action: str, given: Json) -> "tuple[Answer, Json] | None":
        """What comes of an action: the answer, and the result once it is over."""
        return None

    def referred(self, id: str, where: str, location: str) -> Json:
        """Another resource that has to be there, in the same location."""
        found = self.resources.get(id)
        if found is None:
            message = f"The entity was not found in this Azure location: {where} '{id}'."
            raise Refused(404, "NotFound", message)
        if region(found["location"]) != region(location):
            message = f"{where} '{id}' is in {found['location']}, not in {location}."
            raise Refused(400, "InvalidParameter", message)
        return found


def check_name(id: Id, allowed: re.Pattern[str]) -> None:
    if not allowed.fullmatch(id.name):
        message = f"The entity name '{id.name}' of {id.type} is invalid."
        raise Refused(400, "InvalidParameter", message)
