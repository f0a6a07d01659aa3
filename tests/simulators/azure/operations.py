"""Operations that take their time: asked the first time they go on, the second they are over.

Without being asked they end a moment later all the same, as Azure's do when a client is gone. Each
service has an address of its own for them, and asking there takes an action of its own: "Azure
permissions for Compute" lists `locations/operations`, `diskOperations` and `capsOperations` (disks
and snapshots; galleries), "... for Networking" `locations/operations` and `operationResults`, "...
for Management and governance" `subscriptions/operationresults` and `deployments/operationstatuses`.
"""

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.simulators.azure.shapes import SUBSCRIPTION, Answer, Json, Refused, unknown

_MOMENT_SECONDS = 0.05
#: The SDKs heed it only where there is no Retry-After, and in every answer anew.
SOON = {"retry-after-ms": "20"}
#: Go's heed this only, and wait for a minute or ten seconds without. Others take it for no answer.
_AT_ONCE = {"Retry-After": "0"}
#: What they call themselves: Packer of old, and clients of today's plugin with Packer's name alone.
_GO = ("go-autorest", "Packer/")
_OWN = f"/subscriptions/{SUBSCRIPTION}"
_COMPUTE = "Microsoft.Compute"
_PLACES = {
    f"{_COMPUTE}/disks": ("DiskOperations", "DiskOperations"),
    f"{_COMPUTE}/snapshots": ("DiskOperations", "DiskOperations"),
    f"{_COMPUTE}/galleries": ("capsOperations", "capsOperations"),
    _COMPUTE: ("operations", "operations"),
    "Microsoft.Network": ("operations", "operationResults"),
    "Microsoft.Storage": ("asyncoperations", "asyncoperations"),
}
_NAMES = "|".join(sorted({name for pair in _PLACES.values() for name in pair}))
_ASKED = re.compile(
    rf"{_OWN}(/providers/[^/]+/locations/[^/]+/({_NAMES})|/operationresults"
    r"|/resourceGroups/[^/]+/providers/Microsoft\.Resources/deployments/[^/]+/operationStatuses)"
    r"/(?P<name>[^/]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """Paths below which an operation is asked about: how it goes, and what came of it."""

    status: str
    result: str

    @classmethod
    def of(cls, type: str, location: str) -> "Place":
        """Of a type of resource."""
        kinds = (one for one in _PLACES if f"{type}/".startswith(f"{one}/"))
        status, result = _PLACES[max(kinds, key=len)]
        where = f"{_OWN}/providers/{type.partition('/')[0]}/locations/{location}"
        return cls(f"{where}/{status}", f"{where}/{result}")

    @classmethod
    def of_subscription(cls) -> "Place":
        """Of groups, and of deployments that are deleted: the result alone is asked for."""
        return cls("", f"{_OWN}/operationresults")

    @classmethod
    def of_deployment(cls, id: str) -> "Place":
        """Of one that is made, which has no result."""
        return cls(f"{id}/operationStatuses", "")


@dataclass
class _Operation:
    finish: Callable[[], None]
    result: Json | None
    due: float
    polls: int = 0
    done: bool = False
    error: Refused | None = None


class Operations:
    def __init__(self, address: str) -> None:
        self._address = address
        self._operations: dict[str, _Operation] = {}
        self._numbers = itertools.count(1)

    def start(
        self, place: Place, version: str, finish: Callable[[], None], result: Json | None = None
    ) -> dict[str, str]:
        """The headers that tell where to ask; `finish` may raise Refused, when it fails."""
        name = f"operation-{next(self._numbers)}"
        self._operations[name] = _Operation(finish, result, time.monotonic() + _MOMENT_SECONDS)

        def url(path: str) -> str:
            return f"{self._address}{path}/{name}?api-version={version}"

        status = {"Azure-AsyncOperation": url(place.status)} if place.status else {}
        ended = {"Location": f"{url(place.result)}&monitor=true"} if place.result else {}
        return {**status, **ended, **SOON}

    def knows(self, path: str) -> bool:
        return _ASKED.fullmatch(path) is not None

    def settle(self, *, all: bool = False) -> None:
        """End what is due, or everything."""
        for operation in self._operations.values():
            if all or operation.due <= time.monotonic():
                _end(operation)

    def poll(self, path: str, *, monitor: bool) -> Answer:
        found = _ASKED.fullmatch(path)
        name = found["name"] if found else path
        operation = self._operations.get(name)
        if operation is None:
            raise unknown(f"the operation {name}", 404)
        operation.polls += 1
        if operation.polls == 1:
            return Answer({"name": name, "status": "InProgress"}, 202 if monitor else 200, SOON)
        _end(operation)
        if monitor:
            if operation.error:
                raise operation.error
            return Answer(operation.result, 200 if operation.result else 204)
        if operation.error:
            return Answer({"name": name, "status": "Failed", "error": operation.error.error()})
        return Answer({"name": name, "status": "Succeeded"})


def hastened(answer: Answer, client: str) -> Answer:
    """So that a client that calls itself this asks again soon, if it is to."""
    if SOON.keys() <= answer.headers.keys() and any(name in client for name in _GO):
        return replace(answer, headers={**answer.headers, **_AT_ONCE})
    return answer


def _end(operation: _Operation) -> None:
    if operation.done:
        return
    operation.done = True
    try:
        operation.finish()
    except Refused as error:
        operation.error = error
