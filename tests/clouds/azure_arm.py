"""Azure Resource Manager: resource groups, and every kind of resource in them."""

import copy
import re
from typing import Any

from azure_actions import linked, needed
from azure_compute import Disk, Image, Machine, Snapshot
from azure_deployments import DEPLOYMENTS, PACKER_DEPLOYMENTS, Deployments
from azure_galleries import Definition, Gallery, is_shared
from azure_network import NetworkInterface, PublicIpAddress, SecurityGroup, VirtualNetwork
from azure_operations import Operations, Place
from azure_public import Public
from azure_resources import GROUPS, PACKER_GROUPS, Id, Kind, Resources, check_name, group_id
from azure_roles import Roles
from azure_shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    check_query,
    check_tags,
    now,
    region,
    unknown,
)
from azure_storage import Account, Container
from azure_versions import Version

_KINDS = (
    *(Image, Snapshot, Disk, Machine, Gallery, Definition, Version),
    *(NetworkInterface, PublicIpAddress, SecurityGroup, VirtualNetwork, Account, Container),
)
#: What has no location and no tags, and is not in the list of a group's resources.
_UNTRACKED = {Container.type}
#: What tells when it was made.
_TIMED = {Disk.type, Snapshot.type, Machine.type}
_PAGE = 2
_GROUP_NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")

_OWN = rf"/subscriptions/{SUBSCRIPTION}"
_GROUP = re.compile(rf"{_OWN}/resourceGroups/(?P<group>[^/]+)", re.IGNORECASE)
_LISTED = re.compile(rf"{_OWN}/resourceGroups/(?P<group>[^/]+)/resources", re.IGNORECASE)
_AT_LOCATION = re.compile(
    rf"{_OWN}/providers/(?P<where>[^/]+/locations/(?P<location>[^/]+))/(?P<rest>.+)", re.IGNORECASE
)


class Arm:
    def __init__(self, address: str) -> None:
        self._address = address
        self.resources = Resources()
        self.operations = Operations(address)
        self.roles = Roles()
        self._public = Public(self.resources)
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
        self._authorize(request)
        self.operations.settle()
        if self.operations.knows(request.path) and request.method == "GET":
            return self.operations.poll(request.path, monitor="monitor" in request.query)
        if self.roles.knows(request.path):
            return self.roles.call(request)
        if found := _GROUP.fullmatch(request.path):
            return self._group(found["group"], request)
        if found := _LISTED.fullmatch(request.path):
            return self._listed(found["group"], request)
        if found := _AT_LOCATION.fullmatch(request.path):
            return self._public.call(found["location"], found["rest"], request)
        if self.deployments.knows(request.path):
            _check(request, DEPLOYMENTS, {"$top", "$skiptoken"}, PACKER_DEPLOYMENTS)
            done = self.deployments.call(request)
            return self._page(done, request) if isinstance(done, list) else done
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
        self._put_group(name, {"location": location, **({"tags": tags} if tags else {})})

    # Who may

    def _authorize(self, request: Request) -> None:
        if found := needed(request):
            self.roles.check(self._who, *found)
        id = Id.parse(request.path)
        if id and request.method in ("PUT", "PATCH"):
            self._check_linked(id, request.json())

    def _check_linked(self, id: Id, body: Json) -> None:
        for action, scope in linked(id, body):
            self.roles.check(self._who, action, scope, linked=True)

    def _check_deployed(self, id: Id, body: Json) -> None:
        """What a deployment makes, it makes as whoever deploys."""
        check_fields(body, self._kind(id).fields)
        self.roles.check(self._who, f"{id.type}/write", str(id))
        self._check_linked(id, body)

    # Groups

    def _group(self, name: str, request: Request) -> Answer:
        queries = {"forceDeletionTypes"} if request.method == "DELETE" else set[str]()
        _check(request, GROUPS, queries, PACKER_GROUPS)
        groups = self.resources.groups
        match request.method:
            case "PUT":
                return self._put_group(name, request.json())
            case "HEAD":
                return Answer(status=204 if name.lower() in groups else 404)
            case "GET":
                return Answer(copy.deepcopy(self.resources.group(name)))
            case "PATCH":
                given = request.json()
                check_fields(given, {"tags.*"})
                check_tags(given.get("tags", {}))
                self.resources.group(name).update(given)
                return Answer(self.resources.group(name))
            case "DELETE":
                self.resources.group(name)
                return self._delete_group(name)
            case other:
                raise unknown(f"{other} {request.path}", 405)

    def _put_group(self, name: str, given: Json) -> Answer:
        check_fields(given, {"location", "tags.*", "managedBy"})
        check_tags(given.get("tags", {}))
        old = self.resources.groups.get(name.lower())
        if not _GROUP_NAME.fullmatch(name):
            raise Refused(400, "InvalidResourceGroup", f"The group's name '{name}' is invalid.")
        if "location" not in given:
            raise Refused(400, "LocationRequired", "The location property is required.")
        if old and region(old["location"]) != region(given["location"]):
            message = f"Invalid resource group location. The group is in {old['location']}."
            raise Refused(409, "InvalidResourceGroupLocation", message)
        made: Json = {
            "id": group_id(old["name"] if old else name),
            "name": old["name"] if old else name,
            "type": "Microsoft.Resources/resourceGroups",
            **given,
            "location": region(given["location"]),
            "properties": {"provisioningState": "Succeeded"},
        }
        self.resources.groups[name.lower()] = made
        return Answer(copy.deepcopy(made), 200 if old else 201)

    def _delete_group(self, name: str) -> Answer:
        """With all that is in it, but for what others rely on."""
        if any(map(is_shared, self.resources.of(Gallery.type, name))):
            message = f"The resource group '{name}' has a gallery that is shared to the community."
            raise Refused(409, "ResourceGroupDeletionBlocked", message)

        def finish() -> None:
            for body in self.resources.below(group_id(name)):
                self.resources.remove(body["id"])
            self.resources.groups.pop(name.lower(), None)

        headers = self.operations.start(Place.of_subscription(), GROUPS, finish)
        return Answer(status=202, headers=headers)

    def _listed(self, group: str, request: Request) -> Answer:
        _check(request, GROUPS, {"$skiptoken"})
        self.resources.group(group)
        if request.method != "GET":
            raise unknown(f"{request.method} of a list")
        found = [
            _in_list(body)
            for body in self.resources.below(group_id(group))
            if body["type"] not in _UNTRACKED
        ]
        return self._page(found, request)

    # Resources

    def _resource(self, id: Id, request: Request) -> Answer:
        action = ""
        if request.method == "POST":
            id, action = Id(id.group, id.namespace, id.rest[:-1]), id.name
        kind = self._kind(id)
        if len(id.rest) % 2 and request.method == "GET":
            _check(request, kind.version, {"$skiptoken"}, kind.others)
            return self._list(kind, id, request)
        _check(request, kind.version, kind.queries.get(request.method, set()), kind.others)
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
            kind.shown(body, {})
            for body in self.resources.of(kind.type, id.group)
            if body["id"].lower().startswith(f"{parent}/".lower())
        ]
        return self._page(found, request)

    def _put(self, kind: Kind, id: Id, given: Json) -> Answer:
        check_fields(given, kind.fields)
        kind.check_given(given)
        self.resources.group(id.group)
        if kind.inside:
            self._find_parent(id, kind)
        old = self.resources.get(id)
        check_name(id, kind.name)
        if kind.type not in _UNTRACKED and not given.get("location"):
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
        body = _merged(old, {key: given[key] for key in given if key != "tags"})
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
            _keep(name, body["properties"], old["properties"] if old else {})
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

    def _page(self, every: list[Json], request: Request) -> Answer:
        """Few at a time, so that whoever reads the first page only is found out."""
        start = int(request.query.get("$skiptoken", 0))
        answer: Json = {"value": every[start : start + _PAGE]}
        if start + _PAGE < len(every):
            query = {**request.query, "$skiptoken": str(start + _PAGE)}
            text = "&".join(f"{key}={value}" for key, value in query.items())
            answer["nextLink"] = f"{self._address}{request.path}?{text}".replace(" ", "%20")
        return Answer(answer)


def _check(request: Request, version: str, queries: set[str], others: tuple[str, ...] = ()) -> None:
    check_query(request, {"api-version", *queries})
    if request.query.get("api-version") not in (version, *others):
        given = request.query.get("api-version")
        raise Refused(
            400,
            "InvalidApiVersionParameter",
            f"the simulated Azure knows {request.path} in the api-version {version}, not {given}",
        )


def _keep(name: str, new: Json, old: Json) -> None:
    """A part of the properties stays as it was, given again or not."""
    if new.get(name) and not _within(new[name], old.get(name)):
        message = f"Changing property '{name}' is not allowed."
        raise Refused(409, "PropertyChangeNotAllowed", message)
    if name in old:
        new[name] = old[name]


def _within(new: Any, old: Any) -> bool:
    """Whether what is given is so; there may be more."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(_within(new[key], old.get(key)) for key in new)
    return new == old


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    changed = {key: _merged(old.get(key), value) for key, value in new.items()}
    return {**copy.deepcopy(old), **changed}


def _in_list(body: Json) -> Json:
    id = Id.parse(body["id"])
    assert id is not None
    shown = {
        key: body[key] for key in ("id", "type", "location", "tags", "managedBy") if key in body
    }
    return {**shown, "name": "/".join(id.rest[1::2])}
