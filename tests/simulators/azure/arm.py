"""Azure Resource Manager: who may call it, and every kind of resource in its groups."""

import copy
import re

from tests.simulators.azure.actions import authorize, authorize_made
from tests.simulators.azure.bodies import keep, merged
from tests.simulators.azure.compute import Disk, Image, Machine, Snapshot
from tests.simulators.azure.deployments import DEPLOYMENTS, PACKER_DEPLOYMENTS, Deployments
from tests.simulators.azure.galleries import Definition, Gallery
from tests.simulators.azure.groups import UNTRACKED, Groups
from tests.simulators.azure.network import (
    NetworkInterface,
    PublicIpAddress,
    SecurityGroup,
    VirtualNetwork,
)
from tests.simulators.azure.operations import Operations, Place
from tests.simulators.azure.pages import check_version, paged
from tests.simulators.azure.public import Public
from tests.simulators.azure.resources import Id, Kind, Resources, check_name
from tests.simulators.azure.roles import Roles
from tests.simulators.azure.shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    check_tags,
    now,
    region,
    unknown,
)
from tests.simulators.azure.storage import Account, Container
from tests.simulators.azure.versions import Version

_KINDS = (
    *(Image, Snapshot, Disk, Machine, Gallery, Definition, Version),
    *(NetworkInterface, PublicIpAddress, SecurityGroup, VirtualNetwork, Account, Container),
)
#: What tells when it was made.
_TIMED = {Disk.type, Snapshot.type, Machine.type}

_OWN = rf"/subscriptions/{SUBSCRIPTION}"
_GROUP = re.compile(rf"{_OWN}/resourceGroups/(?P<group>[^/]+)", re.IGNORECASE)
_LISTED = re.compile(rf"{_OWN}/resourceGroups/(?P<group>[^/]+)/resources", re.IGNORECASE)
_AT_LOCATION = re.compile(
    rf"{_OWN}/providers/(?P<where>[^/]+/locations/(?P<location>[^/]+))/(?P<rest>.+)", re.IGNORECASE
)
_EVERYWHERE = re.compile(rf"{_OWN}/providers/(?P<type>[^/]+/[^/]+)", re.IGNORECASE)


class Arm:
    def __init__(self, address: str) -> None:
        self._address = address
        self.resources = Resources()
        self.operations = Operations(address)
        self.roles = Roles()
        self.groups = Groups(self.resources, self.operations, address)
        self._public = Public(self.resources, address)
        self.kinds: dict[str, Kind] = {
            one.type.lower(): one(self.resources, address) for one in _KINDS
        }
        self.deployments = Deployments(
            self.resources,
            self.operations,
            self._check_deployed,
            lambda id, body: self._put(self._kind(id), id, body),
        )
        #: Whose call it is.
        self._who = ""

    def call(self, request: Request, who: str) -> Answer:
        """`who`: the object id of a principal, which its roles have to allow this."""
        self._who = who
        authorize(self.roles, who, request)
        self.operations.settle()
        if self.operations.knows(request.path) and request.method == "GET":
            return self.operations.poll(request.path, monitor="monitor" in request.query)
        if self.roles.knows(request.path):
            return self.roles.call(request)
        if found := _GROUP.fullmatch(request.path):
            return self.groups.call(found["group"], request)
        if found := _LISTED.fullmatch(request.path):
            return self.groups.listed(found["group"], request)
        if found := _AT_LOCATION.fullmatch(request.path):
            return self._public.call(found["location"], found["rest"], request)
        if found := _EVERYWHERE.fullmatch(request.path):
            return self._list_all(found["type"], request)
        if self.deployments.knows(request.path):
            check_version(request, DEPLOYMENTS, {"$top", "$skiptoken"}, PACKER_DEPLOYMENTS)
            done = self.deployments.call(request)
            return paged(done, request, self._address) if isinstance(done, list) else done
        if id := Id.parse(request.path):
            return self._resource(id, request)
        raise unknown(f"{request.method} {request.path}", 404)

    def put(self, group: str, path: str, given: Json) -> Json:
        """A resource of the group, made at once; for tests."""
        namespace, *rest = path.split("/")
        id = Id(group, namespace, tuple(rest))
        self._put(self.kinds[id.type.lower()], id, given)
        self.operations.settle(all=True)
        return self.resources.find(id)

    def put_group(self, name: str, tags: dict[str, str], location: str = "westeurope") -> None:
        """A group; for tests."""
        self.groups.put(name, {"location": location, **({"tags": tags} if tags else {})})

    def _check_deployed(self, id: Id, body: Json) -> None:
        check_fields(body, self._kind(id).fields)
        authorize_made(self.roles, self._who, id, body)

    # Resources

    def _resource(self, id: Id, request: Request) -> Answer:
        action = ""
        if request.method == "POST":
            id, action = Id(id.group, id.namespace, id.rest[:-1]), id.name
        kind = self._kind(id)
        if len(id.rest) % 2 and request.method == "GET":
            check_version(request, kind.version, {"$skiptoken"}, kind.others)
            return self._list(kind, id, request)
        check_version(request, kind.version, kind.queries.get(request.method, set()), kind.others)
        match request.method:
            case "GET":
                return Answer(kind.shown(self.resources.find(id), request.query))
            case "PUT":
                return self._put(kind, id, request.json())
            case "PATCH":
                return self._patch(kind, id, request.json())
            case "DELETE":
                return self._delete(kind, id)
            case "POST":
                return self._post(kind, id, action, request.json())
            case other:
                raise unknown(f"{other} {request.path}", 405)

    def _kind(self, id: Id) -> Kind:
        kind = self.kinds.get(id.type.lower())
        if kind is None:
            raise unknown(f"the resource type {id.type}", 404)
        return kind

    def _list(self, kind: Kind, id: Id, request: Request) -> Answer:
        self.resources.group(id.group)
        parent = Id(id.group, id.namespace, id.rest[:-1])
        if parent.rest:
            self.resources.find(parent)
        found = [
            body
            for body in self.resources.of(kind.type, id.group)
            if body["id"].lower().startswith(f"{parent}/".lower())
        ]
        return self._shown(kind, found, request)

    def _list_all(self, type: str, request: Request) -> Answer:
        """Of the subscription, whatever the group ("Galleries - List")."""
        kind = self.kinds.get(type.lower())
        if kind is None or request.method != "GET":
            raise unknown(f"{request.method} {request.path}", 404)
        check_version(request, kind.version, {"$skiptoken"}, kind.others)
        return self._shown(kind, self.resources.of(kind.type), request)

    def _shown(self, kind: Kind, every: list[Json], request: Request) -> Answer:
        """What of it may be read: where that is nothing, no list is refused."""
        found = [
            kind.shown(body, {})
            for body in every
            if self.roles.allows(self._who, f"{kind.type}/read", body["id"])
        ]
        return paged(found, request, self._address)

    def _put(self, kind: Kind, id: Id, given: Json) -> Answer:
        check_fields(given, kind.fields)
        kind.check_given(given)
        self.resources.group(id.group)
        if kind.inside:
            self._find_parent(id, kind)
        old = self.resources.get(id)
        check_name(id, kind.name)
        if kind.type not in UNTRACKED and not given.get("location"):
            raise Refused(400, "LocationRequired", "The location property is required.")
        body: Json = {
            **copy.deepcopy(given),
            "id": old["id"] if old else str(id),
            "name": old["name"] if old else id.name,
            "type": kind.type,
            "properties": copy.deepcopy(given.get("properties", {})),
        }
        return self._store(kind, id, body, old)

    def _find_parent(self, id: Id, kind: Kind) -> None:
        if kind.inside == 1 and self.resources.get(id.up()) is None:
            self.resources.find(id, "write")
        self.resources.find(id.up(kind.inside))

    def _patch(self, kind: Kind, id: Id, given: Json) -> Answer:
        old = self.resources.find(id)
        check_fields(given, [one for one in kind.fields if one != "location"])
        kind.check_given(given)
        body = merged(old, {key: given[key] for key in given if key != "tags"})
        for name in {*kind.whole} & set(given.get("properties", {})):
            body["properties"][name] = copy.deepcopy(given["properties"][name])
        if "tags" in given:
            # All at once, not one by one.
            body["tags"] = given["tags"]
        return self._store(kind, id, body, old)

    def _store(self, kind: Kind, id: Id, body: Json, old: Json | None) -> Answer:
        check_tags(body.get("tags", {}))
        if "location" in body:
            body["location"] = region(body["location"])
        if old and old.get("location") != body.get("location"):
            message = f"The resource '{id.name}' already exists in location '{old['location']}'."
            raise Refused(409, "InvalidResourceLocation", message)
        for name in kind.fixed if old else ():
            keep(name, body["properties"], old["properties"] if old else {})
        kind.check(id, body, old)
        kind.complete(id, body, old)
        self._stamp(kind, body, old)
        self.resources.put(body)
        if not kind.slow:
            body["properties"]["provisioningState"] = "Succeeded"
            return Answer(kind.shown(body, {}), 200 if old else 201)
        body["properties"]["provisioningState"] = "Updating" if old else "Creating"
        place = Place.of(id.type, body["location"])
        headers = self.operations.start(place, kind.version, lambda: self._finish(kind, id))
        return Answer(kind.shown(body, {}), 200 if old else 201, headers)

    def _stamp(self, kind: Kind, body: Json, old: Json | None) -> None:
        made = old["systemData"]["createdAt"] if old else now()
        body["systemData"] = {"createdAt": made}
        if kind.type in _TIMED:
            body["properties"]["timeCreated"] = made

    def _finish(self, kind: Kind, id: Id) -> None:
        body = self.resources.get(id)
        if body is None:
            return
        try:
            kind.finish(id)
        except Refused:
            body["properties"]["provisioningState"] = "Failed"
            raise
        body["properties"]["provisioningState"] = "Succeeded"

    def _delete(self, kind: Kind, id: Id) -> Answer:
        self.resources.group(id.group)
        body = self.resources.get(id)
        if body is None:
            return Answer(status=204)
        kind.check_removal(id, body)

        def finish() -> None:
            for one in (*self.resources.below(id), body):
                self.resources.remove(one["id"])
            kind.removed(id, body)

        if not kind.slow:
            finish()
            return Answer(status=200)
        body["properties"]["provisioningState"] = "Deleting"
        place = Place.of(id.type, body["location"])
        headers = self.operations.start(place, kind.version, finish)
        return Answer(status=202, headers=headers)

    def _post(self, kind: Kind, id: Id, action: str, given: Json) -> Answer:
        done = kind.post(id, action, given)
        if done is None:
            raise unknown(f"POST {action} of {id.type}", 404)
        answer, result = done
        place = Place.of(id.type, self.resources.find(id)["location"])
        headers = self.operations.start(place, kind.version, lambda: None, result)
        return Answer(answer.body, answer.status, headers)
