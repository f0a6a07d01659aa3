"""A tenancy of Oracle Cloud for tests: regions on demand, behind one proxy.

    with OciTenancy() as oci:
        subprocess.run(["packer", "build", ...], env={**env, **oci.env(folder)})

All clients are led to it by HTTPS_PROXY and trust it by REQUESTS_CA_BUNDLE or SSL_CERT_FILE: they
ask for Oracle's own names, in which regions and services are. Every signature is verified. It knows
few methods and few fields, and refuses all others by name.
"""

import threading
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.simulators.oci.hosts import parse
from tests.simulators.oci.machines import Hardware
from tests.simulators.oci.policies import Policies
from tests.simulators.oci.region import Region
from tests.simulators.oci.shapes import COMPARTMENT, HOME, TENANCY, Answer, Json, Refused, Request
from tests.simulators.oci.signatures import verify

REGIONS = (
    *("eu-frankfurt-1", "eu-milan-1", "me-dubai-1", "uk-london-1", "us-ashburn-1"),
    *("us-chicago-1", "us-phoenix-1"),
)


@dataclass
class Faults:
    """What goes wrong from now on."""

    no_capacity: bool = False
    #: The user comes from another directory, or is a machine.
    federated: bool = False
    captures_conflict: bool = False
    captures_stick: bool = False
    exports_stick: bool = False
    exports_without_object: bool = False
    copies_stick: bool = False
    copies_fail: set[str] = field(default_factory=set[str])
    imports_fail: set[str] = field(default_factory=set[str])
    imports_lose_shapes: set[str] = field(default_factory=set[str])
    #: Region to shapes that it does not have.
    shapes_missing: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    publications_full: bool = False
    no_schema_policy: bool = False
    #: The user is no administrator: the stack's group does not have this permission.
    no_namespace_read: bool = False
    #: Region to how many more custom images it takes.
    room: dict[str, int] = field(default_factory=dict[str, int])


class Tenancy:
    def __init__(self, keys: dict[str, rsa.RSAPublicKey]) -> None:
        self._keys = keys
        self._lock = threading.RLock()
        self._regions: dict[str, Region] = {}
        self.faults, self.policies = Faults(), Policies()
        self.subscribed = list(REGIONS)
        self.compartments = {TENANCY, COMPARTMENT}
        #: Each request that was signed well.
        self.sent: list[Request] = []
        #: Refusals to come: method, end of the path, what is answered.
        self.refusals: list[tuple[str, str, Refused]] = []
        #: Answers that will be lost, although what was asked is done: method, end of the path.
        self.lost: list[tuple[str, str]] = []
        self._answers: dict[tuple[str, ...], Answer] = {}
        #: What machines are, beyond their records; nobody answers where there is none.
        self.hardware: Hardware | None = None

    def region(self, name: str) -> Region:
        if name not in self.subscribed:
            raise Refused(401, "NotAuthenticated", f"the tenancy is not subscribed to {name}")
        return self._regions.setdefault(name, Region(name, self))

    def call(self, request: Request) -> Answer:
        """Raises Refused."""
        service, region = parse(request.host)
        with self._lock:
            if not request.path.startswith("/p/"):
                verify(request, self._keys)
            self.sent.append(request)
            if not request.path.startswith("/p/"):
                self.policies.must_let_group(service, request)
            for number, (method, end, refusal) in enumerate(self.refusals):
                if method == request.method and request.path.endswith(end):
                    del self.refusals[number]
                    raise refusal
            answer = self._once(service, region, request)
            if (lost := _named(self.lost, request)) is not None:
                self.lost.remove(lost)
                raise Refused(503, "ServiceUnavailable", "The service is currently unavailable")
            return answer

    def _once(self, service: str, region: str, request: Request) -> Answer:
        """What has a token that was seen is not done again (API reference, opc-retry-token)."""
        token = request.headers.get("opc-retry-token")
        if token is None:
            return self.region(region).call(service, request)
        key = (service, region, request.method, request.path, token)
        if key not in self._answers:
            self._answers[key] = self.region(region).call(service, request)
        return self._answers[key]

    def finish_captures(self) -> None:
        """Images that were stuck are made by the next look."""
        self.faults.captures_stick = False
        with self._lock:
            for region in self._regions.values():
                for image in region.images.all.values():
                    image["_stuck"] = False

    def images(self, region: str = HOME) -> list[Json]:
        """The custom images of a region that are there, oldest first."""
        found = self.region(region).images.all.values()
        return [one for one in found if one["compartmentId"] and one["lifecycleState"] != "DELETED"]


def _named(which: list[tuple[str, str]], request: Request) -> tuple[str, str] | None:
    for method, end in which:
        if method == request.method and request.path.endswith(end):
            return method, end
    return None
