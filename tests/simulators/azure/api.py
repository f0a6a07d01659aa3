"""Azure's APIs as far as they are used, over dictionaries.

A call with an unknown path, method, api-version, query or field is a mistake of whoever calls, and
told as one.
"""

import re
import threading

from tests.simulators.azure.arm import Arm
from tests.simulators.azure.blobs import Blobs
from tests.simulators.azure.graph import Graph
from tests.simulators.azure.hosts import addressed
from tests.simulators.azure.login import Login
from tests.simulators.azure.operations import hastened
from tests.simulators.azure.shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_query,
    region,
)
from tests.simulators.azure.versions import Version

__all__ = ["SUBSCRIPTION", "Api", "Refused"]

_METADATA = "/metadata/endpoints"
_LOGIN = re.compile(
    r"/(?P<tenant>[^/]+)/(?P<rest>(oauth2/)?v2\.0/.+|oauth2/token|discovery/instance)"
)


class Api:
    """One subscription and its directory."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.login = Login(address)
        self.graph = Graph(self.login)
        self.arm = Arm(address)
        self.blobs = Blobs(self.arm.resources, self.arm.roles)
        #: Method and path of every call.
        self.calls: list[tuple[str, str]] = []
        #: Path and body of every PUT and PATCH of a resource.
        self.written: list[tuple[str, Json]] = []
        #: Every call but those of login.
        self.sent: list[Request] = []
        #: Refusals to come: method, end of the path, what is answered.
        self.refusals: list[tuple[str, str, Refused]] = []
        self._lock = threading.RLock()

    def call(self, request: Request) -> Answer:
        """Raises Refused."""
        with self._lock:
            self.calls.append((request.method, request.path))
            self._refuse(request)
            request = addressed(request)
            if request.path == _METADATA:
                check_query(request, {"api-version"})
                return Answer(self._endpoints())
            if (found := _LOGIN.fullmatch(request.path)) and "Authorization" not in request.headers:
                return self.login.call(found["tenant"], found["rest"], request)
            client = self.login.client_of(request.headers)
            self.sent.append(request)
            if request.path.startswith("/v1.0/"):
                return self.graph.call(request, self.login.objects[client])
            if request.path.lower().startswith("/subscriptions/"):
                if request.method in ("PUT", "PATCH"):
                    self.written.append((request.path, request.json()))
                done = self.arm.call(request, self.login.objects[client])
                return hastened(done, request.headers.get("User-Agent") or "")
            return self.blobs.call(request, self.login.objects[client])

    # For tests

    def objects(self, account: str, container: str) -> dict[str, str]:
        """The texts of a container, by name."""
        return self.blobs.objects(account, container)

    def fail_replication(self, *regions: str) -> None:
        """Of versions that are made from now on; without any, all goes well again."""
        versions = self.arm.kinds[Version.type.lower()]
        assert isinstance(versions, Version)
        with self._lock:
            versions.failing = set(map(region, regions))

    def put(self, group: str, path: str, body: Json) -> Json:
        """Make a resource of a group, such as `Microsoft.Compute/disks/d`, and wait for it."""
        with self._lock:
            return self.arm.put(group, path, body)

    def _refuse(self, request: Request) -> None:
        for number, (method, end, refusal) in enumerate(self.refusals):
            if method == request.method and request.path.lower().endswith(end.lower()):
                del self.refusals[number]
                raise refusal

    def _endpoints(self) -> Json:
        """Where a cloud that is not the public one has its services."""
        return {
            "name": "SimulatedAzure",
            "resourceManager": self._address,
            "microsoftGraphResourceId": self._address,
            "authentication": {"loginEndpoint": self._address, "audiences": [self._address]},
        }
