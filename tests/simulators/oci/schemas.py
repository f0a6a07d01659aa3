"""Capability schemas of images: what may be chosen at a launch.

Source: Compute API, ComputeImageCapabilitySchema; who asks is hashicorp/packer-plugin-oracle
1.1.2, builder/oci/driver_oci.go, UpdateImageCapabilitySchema. Whether one goes with its image is
not documented: here it stays.
"""

from typing import TYPE_CHECKING

from tests.simulators.oci.shapes import (
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
)

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

_VERSION = "4ac4a4f0"
_DATA: Json = {
    "Compute.Firmware": {
        "descriptorType": "enumstring",
        "source": "GLOBAL",
        "values": ["BIOS", "UEFI_64"],
        "defaultValue": "UEFI_64",
    },
    "Storage.ConsistentVolumeNaming": {
        "descriptorType": "boolean",
        "source": "GLOBAL",
        "defaultValue": True,
    },
}


class Schemas:
    """Those of one region. Oracle's own, the global one, is a region's too."""

    def __init__(self, region: "Region") -> None:
        self._region = region
        self._global = ocid("computeglobalimgcapschema", region.name)
        self.all: dict[str, Json] = {}

    def list(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, "imageId", "compartmentId")
        if self._region.tenancy.faults.no_schema_policy:
            raise absent("computeImageCapabilitySchemas")
        asked = request.query.items()
        found = [one for one in self.all.values() if all(one[key] == value for key, value in asked)]
        # The builder looks at one page.
        return page(found, request, first_empty=False)

    def create(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(
            *("compartmentId", "computeGlobalImageCapabilitySchemaVersionName", "displayName"),
            *("imageId", "schemaData", "freeformTags", "definedTags"),
        )
        self._region.images.one(given["imageId"])
        if {one["source"] for one in given["schemaData"].values()} != {"IMAGE"}:
            raise Refused(400, "InvalidParameter", "the source of an image's schema is IMAGE")
        made = {"id": ocid("computeimgcapschema", self._region.name), "timeCreated": now(), **given}
        self.all[made["id"]] = made
        return Answer(made, headers={"etag": "0"})

    def update(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] not in self.all:
            raise absent(at["id"])
        given = request.json("displayName", "schemaData", "freeformTags", "definedTags")
        check_tags(given.get("freeformTags") or {})
        self.all[at["id"]] |= {key: value for key, value in given.items() if value is not None}
        return Answer(self.all[at["id"]], headers={"etag": "0"})

    def delete(self, request: Request, at: dict[str, str]) -> Answer:
        if self.all.pop(at["id"], None) is None:
            raise absent(at["id"])
        return Answer(status=204)

    def list_global(self, request: Request, at: dict[str, str]) -> Answer:
        only(request)
        found: Json = {"id": self._global, "name": "OCI.ComputeGlobalImageCapabilitySchema"}
        return Answer([{**found, "timeCreated": now(), "currentVersionName": _VERSION}])

    def version(self, request: Request, at: dict[str, str]) -> Answer:
        if (at["id"], at["version"]) != (self._global, _VERSION):
            raise absent(at["version"])
        return Answer(
            {
                "name": _VERSION,
                "displayName": _VERSION,
                "computeGlobalImageCapabilitySchemaId": self._global,
                "schemaData": _DATA,
                "timeCreated": now(),
            }
        )
