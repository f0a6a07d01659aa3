"""Operations that take their time: asked the first time they go on, the second they are over.

Without being asked they end a moment later all the same, as Azure's do when a client is gone.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from azure_shapes import SUBSCRIPTION, Answer, Json, Refused, unknown

_MOMENT_SECONDS = 0.05
#: The SDKs heed it only where there is no Retry-After, and in every answer anew.
SOON = {"retry-after-ms": "20"}
#: Go's heed this only, and wait for a minute or ten seconds without. Others take it for no answer.
_AT_ONCE = {"Retry-After": "0"}
#: What they call themselves: Packer of old, and clients of today's plugin with Packer's name alone.
_GO = ("go-autorest", "Packer/")


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
        self, where: str, version: str, finish: Callable[[], None], result: Json | None = None
    ) -> dict[str, str]:
        """The headers that tell where to ask; `finish` may raise Refused, when it fails."""
        name = f"operation-{next(self._numbers)}"
        self._operations[name] = _Operation(finish, result, time.monotonic() + _MOMENT_SECONDS)
        url = (
            f"{self._address}/subscriptions/{SUBSCRIPTION}/providers/{where}/operations/{name}"
            f"?api-version={version}"
        )
        return {"Azure-AsyncOperation": url, "Location": f"{url}&monitor=true", **SOON}

    def settle(self, *, all: bool = False) -> None:
        """End what is due, or everything."""
        for operation in self._operations.values():
            if all or operation.due <= time.monotonic():
                _end(operation)

    def poll(self, name: str, *, monitor: bool) -> Answer:
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
