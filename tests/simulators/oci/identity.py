"""What a tenancy is, and what it may have. Source: Identity API, Limits API."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulators.oci.shapes import HOME, TENANCY, Answer, Request, absent

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

_Call = Callable[[Request, dict[str, str]], Answer]


class Identity:
    def __init__(self, region: "Region") -> None:
        self._region = region

    def routes(self) -> list[tuple[str, str, str, _Call]]:
        limits = "/20190729/services/compute/limits/(?P<limit>[^/]+)/resourceAvailability"
        tenancy = "/20160918/tenancies/(?P<id>[^/]+)"
        return [
            ("identity", "GET", tenancy, self._tenancy),
            ("identity", "GET", f"{tenancy}/regionSubscriptions", self._subscriptions),
            ("identity", "GET", "/20160918/availabilityDomains", self._domains),
            ("identity", "GET", "/20160918/compartments/(?P<id>[^/]+)", self._compartment),
            ("limits", "GET", limits, self._limit),
        ]

    def _tenancy(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] != TENANCY:
            raise absent(at["id"])
        return Answer({"id": TENANCY, "name": "dstack", "homeRegionKey": "FRA"})

    def _subscriptions(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] != TENANCY:
            raise absent(at["id"])
        return Answer(
            [
                {"regionName": name, "status": "READY", "isHomeRegion": name == HOME}
                for name in self._region.tenancy.subscribed
            ]
        )

    def _domains(self, request: Request, at: dict[str, str]) -> Answer:
        return Answer([{"name": name, "id": name} for name in self._region.domains()])

    def _compartment(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] not in self._region.tenancy.compartments:
            raise absent(at["id"])
        found = {"id": at["id"], "compartmentId": TENANCY, "name": "images"}
        return Answer({**found, "lifecycleState": "ACTIVE"})

    def _limit(self, request: Request, at: dict[str, str]) -> Answer:
        room = self._region.tenancy.faults.room.get(self._region.name, 100)
        return Answer({"available": room, "used": 0})
