"""Machines of one region, and their network cards. Source: Compute API, Instance and Vnic.

One of which an image is made is CREATING_IMAGE meanwhile (Instance, lifecycleState). Whether it may
be ended then is not documented: here it may not.
"""

from typing import TYPE_CHECKING, Any, Protocol

from tests.simulators.oci.shapes import (
    COMPARTMENT,
    Answer,
    Json,
    Refused,
    Request,
    absent,
    check_tags,
    now,
    ocid,
    only,
    page,
    shown,
)

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

_LAUNCH = {
    *("availabilityDomain", "compartmentId", "createVnicDetails", "definedTags", "displayName"),
    *("freeformTags", "instanceOptions", "metadata", "shape", "shapeConfig", "sourceDetails"),
    *("imageId", "subnetId", "extendedMetadata", "isPvEncryptionInTransitEnabled"),
}


class Hardware(Protocol):
    """What a machine is, beyond its record."""

    def start(self, metadata: dict[str, str]) -> None: ...

    def stop(self) -> None: ...


class Machines:
    def __init__(self, region: "Region") -> None:
        self._region = region
        self.all: dict[str, Json] = {}

    def add(self, name: str, compartment: str, **more: Any) -> Json:
        id = ocid("instance", self._region.name)
        self.all[id] = {
            "id": id,
            "displayName": name,
            "compartmentId": compartment,
            "availabilityDomain": self._region.domains()[0],
            "region": self._region.name,
            "shape": "VM.Standard2.1",
            "lifecycleState": "RUNNING",
            "freeformTags": {},
            "timeCreated": now(),
            **more,
        }
        return self.all[id]

    def one(self, id: str) -> Json:
        if id not in self.all:
            raise absent(id)
        return self.all[id]

    def alive(self) -> list[Json]:
        """Those that nobody has ended."""
        return [one for one in self.all.values() if one["lifecycleState"] != "TERMINATED"]

    def list(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, "compartmentId", "availabilityDomain", "displayName", "lifecycleState")
        found = [
            shown(one)
            for one in self.all.values()
            if all(one[key] == value for key, value in request.query.items() if key in one)
        ]
        return page(found, request)

    def get(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        self._settle(found)
        answer = Answer(shown(found), headers={"etag": "0"})
        step = {"PROVISIONING": "RUNNING", "TERMINATING": "TERMINATED"}
        found["lifecycleState"] = step.get(found["lifecycleState"], found["lifecycleState"])
        return answer

    def launch(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(*_LAUNCH)
        if self._region.tenancy.faults.no_capacity:
            raise Refused(500, "InternalError", "Out of host capacity.")
        source = given["sourceDetails"]
        if source["imageId"] not in self._region.images.all:
            raise absent(source["imageId"])
        if not 50 <= int(source.get("bootVolumeSizeInGBs") or 50) <= 32768:
            raise Refused(400, "InvalidParameter", "bootVolumeSizeInGBs")
        if given["availabilityDomain"] not in self._region.domains():
            raise absent(given["availabilityDomain"])
        check_tags(given.get("freeformTags") or {})
        made = self.add(
            given["displayName"],
            given["compartmentId"],
            shape=given["shape"],
            freeformTags=given.get("freeformTags") or {},
            lifecycleState="PROVISIONING",
            metadata=given.get("metadata") or {},
            _launched=given,
        )
        if self._region.tenancy.hardware:
            self._region.tenancy.hardware.start(made["metadata"])
        return Answer(shown(made), headers={"etag": "0"})

    def terminate(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        self._settle(found)
        if found["lifecycleState"] == "CREATING_IMAGE":
            raise Refused(409, "IncorrectState", "an image of the machine is being made")
        if found["lifecycleState"] != "TERMINATED":
            found["lifecycleState"] = "TERMINATING"
            if self._region.tenancy.hardware:
                self._region.tenancy.hardware.stop()
        return Answer(status=204)

    def _settle(self, machine: Json) -> None:
        """It runs again once its image is there."""
        if machine["lifecycleState"] != "CREATING_IMAGE":
            return
        if machine["_image"]["lifecycleState"] != "PROVISIONING":
            machine["lifecycleState"] = "RUNNING"
        self._region.images.settle(machine["_image"])

    def attachments(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, "compartmentId", "instanceId", "availabilityDomain", "vnicId")
        machine = self.one(request.query["instanceId"])
        return Answer(
            [
                {
                    "id": f"{machine['id']}-attachment",
                    "instanceId": machine["id"],
                    "vnicId": f"{machine['id']}-vnic",
                    "availabilityDomain": machine["availabilityDomain"],
                    "compartmentId": machine["compartmentId"],
                    "lifecycleState": "ATTACHED",
                    "subnetId": "ocid1.subnet.oc1..aaaaaaaasubnet",
                    "timeCreated": machine["timeCreated"],
                }
            ]
        )

    def subnet(self, request: Request, at: dict[str, str]) -> Answer:
        """Beside the images, unless the tenancy's policies say where it is."""
        compartment = self._region.tenancy.policies.networks.get(at["id"], COMPARTMENT)
        return Answer({"id": at["id"], "compartmentId": compartment})

    def vnic(self, request: Request, at: dict[str, str]) -> Answer:
        machine = self.one(at["id"].removesuffix("-vnic"))
        return Answer(
            {
                "id": at["id"],
                "lifecycleState": "AVAILABLE",
                "compartmentId": machine["compartmentId"],
                "availabilityDomain": machine["availabilityDomain"],
                "subnetId": "ocid1.subnet.oc1..aaaaaaaasubnet",
                "privateIp": "10.74.0.2",
                "publicIp": "127.0.0.1",
                "timeCreated": machine["timeCreated"],
            }
        )
