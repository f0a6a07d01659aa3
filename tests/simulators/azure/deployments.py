"""Microsoft.Resources' deployments: resources of a group, made of a template all at once.

The operation of a deployment is over after the resources are there, and what is left of it then is
a list of what it made. Deleting that deletes no resource.
"""

import copy
import re
from collections.abc import Callable

from tests.simulators.azure.compute import Machine
from tests.simulators.azure.network import (
    NetworkInterface,
    PublicIpAddress,
    SecurityGroup,
    VirtualNetwork,
)
from tests.simulators.azure.operations import Operations, Place
from tests.simulators.azure.resources import Id, Resources, group_id
from tests.simulators.azure.shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_fields,
    unknown,
)
from tests.simulators.azure.templates import Template, invalid

DEPLOYMENTS, PACKER_DEPLOYMENTS = "2018-02-01", ("2022-09-01",)
_TYPE = "Microsoft.Resources/deployments"
#: What a template can have, and in which api-versions Packer of old has it, and today's plugin.
_VERSIONS = {
    Machine.type: ("2017-03-30", "2023-03-01"),
    NetworkInterface.type: ("2017-04-01", "2023-04-01"),
    PublicIpAddress.type: ("2017-04-01", "2023-04-01"),
    VirtualNetwork.type: ("2017-04-01", "2023-04-01"),
    SecurityGroup.type: ("2019-04-01", "2023-04-01"),
}
_ABOUT = {"apiVersion", "type", "name", "dependsOn", "condition"}

_PATH = re.compile(
    rf"/subscriptions/{SUBSCRIPTION}/resourcegroups/(?P<group>[^/]+)/("
    rf"providers/{_TYPE}/(?P<name>[-\w.()]{{1,64}})(?P<validate>/validate)?"
    r"|deployments/(?P<listed>[^/]+)/operations)",
    re.IGNORECASE,
)


class Deployments:
    def __init__(
        self,
        resources: Resources,
        operations: Operations,
        check: Callable[[Id, Json], None],
        make: Callable[[Id, Json], object],
    ) -> None:
        """`check` refuses what `make` cannot make, or whoever asks may not."""
        self._resources, self._operations = resources, operations
        self._check, self._make = check, make
        #: Group and name, in small letters, to what each has made, the newest first.
        self.made: dict[tuple[str, str], list[Id]] = {}
        #: Those whose operation is not over.
        self._running: set[tuple[str, str]] = set()

    def knows(self, path: str) -> bool:
        return _PATH.fullmatch(path) is not None

    def call(self, request: Request) -> Answer | list[Json]:
        """A list is to be shown in pages. Raises Refused."""
        found = _PATH.fullmatch(request.path)
        assert found is not None
        group, name = found["group"], found["name"] or found["listed"]
        match request.method, found["listed"] is not None, found["validate"] is not None:
            case "GET", True, _:
                return self._list(group, name)
            case "POST", False, True:
                self._planned(group, request.json())
                return Answer(_shown(group, name, "Succeeded"))
            case "GET", False, False:
                return self._get(group, name)
            case "PUT", False, False:
                return self._put(group, name, request.json())
            case "DELETE", False, False:
                return self._delete(group, name)
            case _:
                raise unknown(f"{request.method} {request.path}", 405)

    def _put(self, group: str, name: str, given: Json) -> Answer:
        planned = self._planned(group, given)
        made: list[Id] = []
        key = group.lower(), name.lower()
        self.made[key] = made
        self._running.add(key)
        for id, body in planned:
            self._make(id, body)
            made.insert(0, id)
        # A template's resources are no result of the operation.
        place = Place.of_deployment(f"{group_id(group)}/providers/{_TYPE}/{name}")
        headers = self._operations.start(place, DEPLOYMENTS, lambda: self._running.discard(key))
        return Answer(_shown(group, name, "Accepted"), 201, headers)

    def _delete(self, group: str, name: str) -> Answer:
        self._resources.group(group)
        if self.made.pop((group.lower(), name.lower()), None) is None:
            return Answer(status=204)
        headers = self._operations.start(Place.of_subscription(), DEPLOYMENTS, lambda: None)
        return Answer(status=202, headers=headers)

    def _get(self, group: str, name: str) -> Answer:
        self._found(group, name)
        running = (group.lower(), name.lower()) in self._running
        return Answer(_shown(group, name, "Running" if running else "Succeeded"))

    def _found(self, group: str, name: str) -> list[Id]:
        made = self.made.get((group.lower(), name.lower()))
        if made is None:
            raise Refused(404, "DeploymentNotFound", f"Deployment '{name}' could not be found.")
        return made

    def _list(self, group: str, name: str) -> list[Json]:
        made = self._found(group, name)
        # Azure has one that is about no resource, too.
        operations = [_operation("EvaluateDeploymentOutput")]
        for id in made:
            target = {"id": str(id), "resourceType": id.type, "resourceName": id.name}
            operations.append(_operation("Create", targetResource=target))
        return operations

    def _planned(self, group: str, given: Json) -> list[tuple[Id, Json]]:
        check_fields(given, {"properties.mode", "properties.template.*", "properties.parameters.*"})
        properties = given["properties"]
        if properties["mode"] != "Incremental":
            raise unknown(f"the mode {properties['mode']} of deployments")
        where = self._resources.group(group)
        template = Template(properties["template"], properties["parameters"], where)
        return [self._plan(group, one) for one in template.resources]

    def _plan(self, group: str, resource: Json) -> tuple[Id, Json]:
        type, version = resource["type"], resource["apiVersion"]
        if type not in _VERSIONS:
            raise invalid(f"the simulated Azure knows no {type} in templates")
        if version not in _VERSIONS[type]:
            known = " and ".join(_VERSIONS[type])
            message = f"the simulated Azure knows {type} in {known}, not in {version}"
            raise Refused(400, "NoRegisteredProviderFound", message)
        namespace, kind = type.split("/")
        id = Id(group, namespace, (kind, resource["name"]))
        body = {key: copy.deepcopy(resource[key]) for key in resource if key not in _ABOUT}
        self._check(id, body)
        return id, body


def _shown(group: str, name: str, state: str) -> Json:
    return {
        "id": f"{group_id(group)}/providers/{_TYPE}/{name}",
        "name": name,
        "properties": {"provisioningState": state, "mode": "Incremental"},
    }


def _operation(what: str, **more: Json) -> Json:
    return {"properties": {"provisioningOperation": what, "provisioningState": "Succeeded", **more}}
