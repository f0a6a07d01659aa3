"""Custom images of one region, among Oracle's own.

Source: Compute API, Image; "Image Import/Export"; "Managing Custom Images".
"""

from typing import TYPE_CHECKING, Any

from tests.simulators.oci.shapes import (
    Answer,
    Json,
    Refused,
    Request,
    absent,
    check_tags,
    etag,
    must_match,
    now,
    ocid,
    only,
    page,
    shown,
)

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

LAUNCH = {
    "bootVolumeType": "PARAVIRTUALIZED",
    "firmware": "UEFI_64",
    "networkType": "PARAVIRTUALIZED",
    "remoteDataVolumeType": "PARAVIRTUALIZED",
    "isPvEncryptionInTransitEnabled": True,
    "isConsistentVolumeNamingEnabled": True,
}
SHAPES = ["BM.GPU4.8", "VM.GPU.A10.1", "VM.GPU3.1", "VM.Standard2.1"]
#: How many cores and how much memory it has is a choice, which an image may narrow down.
FLEX = "VM.Standard.E5.Flex"
UBUNTU = "Canonical-Ubuntu-24.04-2025.07.23-0"
_OLDER = "Canonical-Ubuntu-24.04-2025.05.20-0"
_FILTERS = {
    *("compartmentId", "displayName", "operatingSystem", "operatingSystemVersion", "shape"),
    *("lifecycleState", "sortBy", "sortOrder"),
}


class Images:
    def __init__(self, region: "Region") -> None:
        self._region = region
        self.all: dict[str, Json] = {}
        for name, minimal in ((_OLDER, ""), (UBUNTU, ""), ("Canonical-Minimal", " Minimal")):
            system = {"operatingSystem": "Canonical Ubuntu"}
            self.add(name, None, operatingSystemVersion=f"24.04{minimal}", **system)

    def add(self, name: str, compartment: str | None, **more: Any) -> Json:
        """One that is there. Without a compartment, it is Oracle's own."""
        id = ocid("image", self._region.name)
        self.all[id] = {
            "id": id,
            "compartmentId": compartment,
            "displayName": name,
            "createImageAllowed": True,
            "freeformTags": {},
            "definedTags": {},
            "launchMode": "PARAVIRTUALIZED",
            "launchOptions": dict(LAUNCH),
            "lifecycleState": "AVAILABLE",
            "listingType": None,
            "operatingSystem": "Canonical Ubuntu",
            "operatingSystemVersion": "24.04",
            "sizeInMBs": 47694,
            "billableSizeInGBs": 5,
            "timeCreated": now(),
            "etag": etag(),
            "_shapes": list(SHAPES),
            "_constraints": {},
            **more,
        }
        return self.all[id]

    def one(self, id: str) -> Json:
        if id not in self.all:
            raise absent(id)
        return self.all[id]

    def platform(self) -> Json:
        """The newest of Ubuntu's."""
        return next(one for one in self.all.values() if one["displayName"] == UBUNTU)

    # What is called

    def list(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, *_FILTERS)
        if "compartmentId" not in request.query:
            raise Refused(400, "InvalidParameter", "compartmentId is required")
        plain = ("displayName", "operatingSystem", "operatingSystemVersion", "lifecycleState")
        query = request.query
        found = [
            shown(one)
            for one in self.all.values()
            # A compartment has Oracle's own images as well.
            if one["compartmentId"] in (None, query["compartmentId"])
            and all(one[key] == query[key] for key in plain if key in query)
            and query.get("shape", one["_shapes"][0]) in one["_shapes"]
        ]
        key = "displayName" if query.get("sortBy") == "DISPLAYNAME" else "timeCreated"
        found.sort(key=lambda one: one[key], reverse=query.get("sortOrder") != "ASC")
        return page(found, request)

    def get(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        answer = Answer(shown(found), headers={"etag": found["etag"]})
        self.settle(found)
        return answer

    def settle(self, image: Json) -> None:
        """What is made of a machine is done by the next look, unless it is stuck."""
        if image["lifecycleState"] == "PROVISIONING" and not image.get("_stuck"):
            image["lifecycleState"] = "AVAILABLE"

    def create(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(
            *("compartmentId", "displayName", "instanceId", "freeformTags", "launchMode"),
            *("imageSourceDetails", "definedTags"),
        )
        check_tags(given.get("freeformTags") or {})
        if "instanceId" in given:
            return self._capture(given)
        return self._import(given)

    def update(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        must_match(request, found)
        given = request.json("displayName", "freeformTags", "definedTags")
        check_tags(given.get("freeformTags") or {})
        found |= {key: value for key, value in given.items() if value is not None}
        found["etag"] = etag()
        return Answer(shown(found), headers={"etag": found["etag"]})

    def delete(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        if found["lifecycleState"] == "EXPORTING" or self._region.market.uses(found["id"]):
            raise Refused(409, "Conflict", f"{found['displayName']} is in use")
        del self.all[at["id"]]
        return Answer(status=204)

    def shapes(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        every = [
            {"imageId": found["id"], "shape": shape, **found["_constraints"].get(shape, {})}
            for shape in found["_shapes"]
        ]
        return page(every, request)

    def list_shapes(self, request: Request, at: dict[str, str]) -> Answer:
        """Those of the region, some of which are not in every one (Compute API, ListShapes)."""
        only(request, "compartmentId")
        return page([{"shape": one} for one in self._there()], request)

    def _there(self) -> "list[str]":
        missing = self._region.tenancy.faults.shapes_missing.get(self._region.name, set())
        return [one for one in [*SHAPES, FLEX] if one not in missing]

    def add_shape(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.one(at["id"])
        if at["shape"] not in self._there():
            raise absent(at["shape"])
        if at["shape"] not in found["_shapes"]:
            found["_shapes"].append(at["shape"])
        if request.body:
            found["_constraints"][at["shape"]] = request.json(
                "memoryConstraints", "ocpuConstraints"
            )
        return Answer({"imageId": found["id"], "shape": at["shape"]})

    def export(self, request: Request, at: dict[str, str]) -> Answer:
        """AVAILABLE again without the object is how it fails ("Image Import/Export")."""
        found = self.one(at["id"])
        given = request.json(
            *("destinationType", "namespaceName", "bucketName", "objectName", "exportFormat")
        )
        if found["compartmentId"] is None:
            raise Refused(400, "InvalidParameter", "Oracle's own images cannot be exported")
        if found["lifecycleState"] != "AVAILABLE":
            raise Refused(409, "IncorrectState", f"the image is {found['lifecycleState']}")
        bucket = self._region.store.bucket(given["bucketName"])
        faults = self._region.tenancy.faults
        if faults.federated:
            # "Known Issues for Compute", of federated users and instance principals.
            what = "Specified namespace or bucket to export image does not exist"
            raise Refused(400, "InvalidParameter", f"Invalid bucketName: {what}")
        found["lifecycleState"] = "EXPORTING"

        def finish() -> str:
            found["lifecycleState"] = "AVAILABLE"
            if faults.exports_without_object:
                return ""
            kept = {key: found[key] for key in ("operatingSystem", "operatingSystemVersion")}
            content = {**kept, "launchOptions": found["launchOptions"], "of": found["id"]}
            bucket.put(given["objectName"], content)
            return ""

        id = self._region.work.start("ExportImage", finish, stuck=faults.exports_stick)
        return Answer(shown(found), headers={"opc-work-request-id": id})

    def _capture(self, given: Json) -> Answer:
        machine = self._region.machines.one(given["instanceId"])
        if machine["lifecycleState"] != "RUNNING":
            raise Refused(409, "IncorrectState", f"the machine is {machine['lifecycleState']}")
        if self._region.tenancy.faults.captures_conflict:
            raise Refused(409, "Conflict", "Conflict with another image operation, try again later")
        image = self.add(
            given["displayName"],
            given["compartmentId"],
            freeformTags=given.get("freeformTags") or {},
            lifecycleState="PROVISIONING",
            _stuck=self._region.tenancy.faults.captures_stick,
        )
        machine |= {"lifecycleState": "CREATING_IMAGE", "_image": image}
        return Answer(shown(image), headers={"etag": image["etag"]})

    def _import(self, given: Json) -> Answer:
        source = given["imageSourceDetails"]
        if source["sourceType"] != "objectStorageTuple":
            raise Refused(400, "InvalidParameter", "the simulated OCI imports by tuple only")
        content = self._region.store.bucket(source["bucketName"]).content(source["objectName"])
        image = self.add(
            given["displayName"],
            given["compartmentId"],
            freeformTags=given.get("freeformTags") or {},
            lifecycleState="IMPORTING",
            operatingSystem=content["operatingSystem"],
            operatingSystemVersion=content["operatingSystemVersion"],
            launchOptions=dict(content["launchOptions"]),
        )
        faults = self._region.tenancy.faults

        def finish() -> str:
            if self._region.name in faults.imports_fail:
                # What a person sees afterwards is not documented; others met DELETED.
                image["lifecycleState"] = "DELETED"
                return "The image could not be imported"
            image["lifecycleState"] = "AVAILABLE"
            image["_shapes"] = [one for one in SHAPES if one not in faults.imports_lose_shapes]
            return ""

        id = self._region.work.start("CreateImage", finish)
        return Answer(shown(image), headers={"opc-work-request-id": id})
