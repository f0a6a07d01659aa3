"""Resource groups, and the lists of what is in them.

Source of the lists' age: "The /resources API is served from a regional cache from Azure Resource
Manager, which is eventual consistent, and not real time" (Azure/AKS#1964, where it was empty for
18 minutes; Azure/azure-sdk-for-net#22664: 20 minutes, for images and snapshots;
Azure/azure-sdk-for-python#22737: what is new is missing; Azure/azure-rest-api-specs#21221: what is
gone is still there).
"""

import copy
import re

from tests.simulators.azure.bodies import in_list
from tests.simulators.azure.galleries import Gallery, is_shared
from tests.simulators.azure.operations import Operations, Place
from tests.simulators.azure.pages import check_version, paged
from tests.simulators.azure.resources import GROUPS, PACKER_GROUPS, Resources, group_id
from tests.simulators.azure.shapes import (
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    check_tags,
    region,
    unknown,
)
from tests.simulators.azure.storage import Container

#: What has no location and no tags, and is not in the list of a group's resources.
UNTRACKED = {Container.type}
_GROUP_NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")


class Groups:
    """Those of a subscription, with all that is in them."""

    def __init__(self, resources: Resources, operations: Operations, address: str) -> None:
        self._resources, self._operations, self._address = resources, operations, address
        self._cached: dict[str, list[Json]] = {}

    def call(self, name: str, request: Request) -> Answer:
        queries = {"forceDeletionTypes"} if request.method == "DELETE" else set[str]()
        check_version(request, GROUPS, queries, PACKER_GROUPS)
        groups = self._resources.groups
        match request.method:
            case "PUT":
                return self.put(name, request.json())
            case "HEAD":
                return Answer(status=204 if name.lower() in groups else 404)
            case "GET":
                return Answer(copy.deepcopy(self._resources.group(name)))
            case "PATCH":
                given = request.json()
                check_fields(given, {"tags.*"})
                check_tags(given.get("tags", {}))
                self._resources.group(name).update(given)
                return Answer(self._resources.group(name))
            case "DELETE":
                self._resources.group(name)
                return self._delete(name)
            case other:
                raise unknown(f"{other} {request.path}", 405)

    def put(self, name: str, given: Json) -> Answer:
        check_fields(given, {"location", "tags.*", "managedBy"})
        check_tags(given.get("tags", {}))
        old = self._resources.groups.get(name.lower())
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
        self._resources.groups[name.lower()] = made
        return Answer(copy.deepcopy(made), 200 if old else 201)

    def _delete(self, name: str) -> Answer:
        """With all that is in it, but for what others rely on."""
        if any(map(is_shared, self._resources.of(Gallery.type, name))):
            message = f"The resource group '{name}' has a gallery that is shared to the community."
            raise Refused(409, "ResourceGroupDeletionBlocked", message)

        def finish() -> None:
            for body in self._resources.below(group_id(name)):
                self._resources.remove(body["id"])
            self._resources.groups.pop(name.lower(), None)

        headers = self._operations.start(Place.of_subscription(), GROUPS, finish)
        return Answer(status=202, headers=headers)

    def listed(self, group: str, request: Request) -> Answer:
        check_version(request, GROUPS, {"$skiptoken"})
        self._resources.group(group)
        if request.method != "GET":
            raise unknown(f"{request.method} of a list")
        return paged(self._cached.get(group.lower(), []), request, self._address)

    def catch_up(self) -> None:
        """The cache has all that is there now, and nothing that comes later; for tests."""
        self._cached = {
            group: [
                copy.deepcopy(in_list(body))
                for body in self._resources.below(group_id(group))
                if body["type"] not in UNTRACKED
            ]
            for group in self._resources.groups
        }
