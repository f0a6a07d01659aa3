"""Microsoft.Compute's images, snapshots, disks and machines."""

from typing import Any, ClassVar

from tests.simulators.azure.public import is_source
from tests.simulators.azure.resources import COMPUTE, DISKS, PACKER_COMPUTE, PACKER_DISKS, Id, Kind
from tests.simulators.azure.shapes import Json, Refused

_MACHINE = "Microsoft.Compute/virtualMachines"
_COMMON = ("location", "tags.*")
_CREATION = tuple(
    f"properties.creationData.{name}"
    for name in ("createOption", "sourceResourceId", "imageReference.id")
)


class Image(Kind):
    type, version, others = "Microsoft.Compute/images", COMPUTE, PACKER_COMPUTE
    _disk = (
        *("osType", "osState", "snapshot.id", "managedDisk.id", "caching", "diskSizeGB"),
        "storageAccountType",
    )
    fields = (
        *_COMMON,
        "properties.hyperVGeneration",
        "properties.sourceVirtualMachine.id",
        "properties.storageProfile.zoneResilient",
        "properties.storageProfile.dataDisks",
        *(f"properties.storageProfile.osDisk.{name}" for name in _disk),
    )
    fixed = ("storageProfile", "hyperVGeneration", "sourceVirtualMachine")

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        if old is not None:
            return
        for name in ("osType", "osState"):
            if "sourceVirtualMachine" not in body["properties"] and name not in _os_disk(body):
                message = f"Required parameter 'osDisk.{name}' is missing (null)."
                raise Refused(400, "InvalidParameter", message)
        self._source(body)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        source = self._source(body) if old is None else old
        generation = source["properties"].get("hyperVGeneration", "V1")
        body["properties"].setdefault("hyperVGeneration", generation)

    def _source(self, body: Json) -> Json:
        given = [_os_disk(body).get(name) for name in ("snapshot", "managedDisk")]
        given.append(body["properties"].get("sourceVirtualMachine"))
        sources = [one["id"] for one in given if one]
        if len(sources) != 1:
            message = f"An image needs exactly one source, not {len(sources)}."
            raise Refused(400, "InvalidParameter", message)
        return self.referred(sources[0], "the source of the image", body["location"])


class Snapshot(Kind):
    type, version, others = "Microsoft.Compute/snapshots", DISKS, PACKER_DISKS
    fields = (
        *(*_COMMON, "sku.name", *_CREATION),
        *(f"properties.{name}" for name in ("incremental", "hyperVGeneration", "osType")),
    )
    fixed = ("creationData",)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        if old is None:
            source = body["properties"].get("creationData", {}).get("sourceResourceId", "")
            disk = self.referred(source, "the source of the snapshot", body["location"])
            for name in ("hyperVGeneration", "diskSizeGB", "osType"):
                if name in disk["properties"]:
                    body["properties"].setdefault(name, disk["properties"][name])


class Disk(Kind):
    type, version, others = "Microsoft.Compute/disks", DISKS, PACKER_DISKS
    fields = (
        *(*_COMMON, "sku.name", *_CREATION),
        *(f"properties.{name}" for name in ("diskSizeGB", "hyperVGeneration", "osType")),
    )
    fixed = ("creationData",)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        if old is not None:
            body["properties"]["diskState"] = old["properties"]["diskState"]
            if "managedBy" in old:
                body["managedBy"] = old["managedBy"]
            return
        creation = body["properties"].get("creationData", {})
        source = creation.get("sourceResourceId") or creation.get("imageReference", {}).get("id")
        if source is None and "diskSizeGB" not in body["properties"]:
            raise Refused(400, "InvalidParameter", "Required parameter 'diskSizeGB' is missing.")
        if source and not is_source(source, body["location"]):
            # Azure lets only a machine start from an image; it makes such a disk on its way.
            self.referred(source, "the source of the disk", body["location"])
        body["properties"]["diskState"] = "Unattached"

    def check_removal(self, id: Id, body: Json) -> None:
        if "managedBy" in body:
            message = f"Disk {id.name} is attached to VM {body['managedBy']}."
            raise Refused(409, "OperationNotAllowed", message)


class Machine(Kind):
    type, version, others = _MACHINE, COMPUTE, PACKER_COMPUTE
    _image = ("id", "publisher", "offer", "sku", "version")
    _disk = (
        *("name", "createOption", "caching", "diskSizeGB", "osType", "managedDisk.id"),
        "managedDisk.storageAccountType",
    )
    fields = (
        *_COMMON,
        "properties.hardwareProfile.vmSize",
        *(f"properties.storageProfile.imageReference.{name}" for name in _image),
        *(f"properties.storageProfile.osDisk.{name}" for name in _disk),
        "properties.osProfile.*",
        "properties.networkProfile.networkInterfaces.id",
        "properties.networkProfile.networkInterfaces.properties.primary",
        "properties.securityProfile.*",
        "properties.diagnosticsProfile.bootDiagnostics.enabled",
    )
    queries: ClassVar[dict[str, set[str]]] = {"DELETE": {"forceDeletion"}, "GET": {"$expand"}}

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        for interface in body["properties"]["networkProfile"]["networkInterfaces"]:
            self.referred(interface["id"], "the network interface", body["location"])

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        if old is None:
            disk = self._disk_of(id, body)
            disk["managedBy"] = body["id"]
            disk["properties"]["diskState"] = "Attached"
            body["properties"]["storageProfile"]["osDisk"]["managedDisk"] = {"id": disk["id"]}

    def removed(self, id: Id, body: Json) -> None:
        disk = self.resources.get(
            body["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        )
        if disk is not None:
            disk.pop("managedBy", None)
            disk["properties"]["diskState"] = "Unattached"

    def _disk_of(self, id: Id, body: Json) -> Json:
        given: Json = body["properties"]["storageProfile"]["osDisk"]
        if given["createOption"] == "Attach":
            return self.referred(given["managedDisk"]["id"], "the disk", body["location"])
        disk = Id(id.group, id.namespace, ("disks", given.get("name", f"{id.name}_OsDisk_1")))
        made: Json = {
            "id": str(disk),
            "name": disk.name,
            "type": disk.type,
            "location": body["location"],
            "properties": {"hyperVGeneration": "V2", "provisioningState": "Succeeded"},
        }
        self.resources.put(made)
        return made


def _os_disk(body: Json) -> dict[str, Any]:
    return body["properties"].get("storageProfile", {}).get("osDisk", {})
