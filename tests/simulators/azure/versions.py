"""Microsoft.Compute's gallery image versions: where each one is, and who passes it over."""

import copy
import re
from datetime import UTC, datetime
from typing import ClassVar

from tests.simulators.azure.galleries import VERSION, check_place, completed, targets
from tests.simulators.azure.resources import GALLERIES, Id, Kind, Resources
from tests.simulators.azure.shapes import REGIONS, Json, Refused, now, region

_COMMON = ("location", "tags.*")
_MAY_GO = "allowDeletionOfReplicatedLocations"


class Version(Kind):
    type, version, inside = VERSION, GALLERIES, 1
    name = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}")
    fixed, whole = ("storageProfile",), ("publishingProfile",)
    queries: ClassVar[dict[str, set[str]]] = {"GET": {"$expand"}}
    _region = ("name", "regionalReplicaCount", "storageAccountType", "excludeFromLatest")
    _profile = (
        *("replicaCount", "excludeFromLatest", "endOfLifeDate", "storageAccountType"),
        "replicationMode",
    )
    fields = (
        *_COMMON,
        *(f"properties.publishingProfile.targetRegions.{name}" for name in _region),
        *(f"properties.publishingProfile.{name}" for name in _profile),
        "properties.storageProfile.source.id",
        "properties.storageProfile.osDiskImage.hostCaching",
        "properties.storageProfile.osDiskImage.source.id",
        f"properties.safetyProfile.{_MAY_GO}",
    )

    def __init__(self, resources: Resources, address: str) -> None:
        super().__init__(resources, address)
        #: Regions to which nothing gets.
        self.failing: set[str] = set()

    def check_given(self, given: Json) -> None:
        """A source has one place ("Azure-Samples/ansible-playbooks" issue 89 has the words)."""
        end = given.get("properties", {}).get("publishingProfile", {}).get("endOfLifeDate")
        if end and datetime.fromisoformat(end) <= datetime.now(UTC):
            # "Troubleshoot images in an Azure Compute Gallery".
            raise Refused(400, "InvalidParameter", "EndOfLifeDate must be set to a future date.")
        profile = given.get("properties", {}).get("storageProfile", {})
        disks = [profile.get("osDiskImage"), *profile.get("dataDiskImages", [])]
        if "source" in profile and any(disk and "source" in disk for disk in disks):
            message = (
                "The gallery artifact version source can only be specified either directly under "
                "storageProfile or within individual OS or data disks. It cannot be specified in "
                "both."
            )
            raise Refused(400, "InvalidParameter", message)

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        check_place(self.resources, id.up(2), body)
        if old:
            _refuse_loss(id, body, old)
        definition = self.resources.find(id.up())
        wanted = {region(one["name"]) for one in targets(body)}
        if wanted and region(body["location"]) not in wanted:
            message = f"The target regions of {id.name} have to have {body['location']} in them."
            raise Refused(400, "InvalidParameter", message)
        source = self._source(body)
        generations = [
            one["properties"].get("hyperVGeneration", "V1") for one in (source, definition)
        ]
        if len(set(generations)) > 1:
            message = (
                f"The resource with id '{source['id']}' has a different Hypervisor generation "
                f"['{generations[0]}'] than the parent gallery image ['{generations[1]}']."
            )
            raise Refused(400, "InvalidParameter", message)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        profile = body["properties"].setdefault("publishingProfile", {})
        profile.setdefault("excludeFromLatest", False)
        if "source" in body["properties"].get("storageProfile", {}):
            # So Azure answers: Azure/azure-cli issue 29091, the debug output of a PUT.
            disk = {"hostCaching": "ReadWrite", "source": {}}
            body["properties"]["storageProfile"].setdefault("osDiskImage", disk)
        body["properties"].setdefault("safetyProfile", {}).setdefault(_MAY_GO, True)
        before = old["properties"]["publishingProfile"] if old else {}
        profile["publishedDate"] = before.get("publishedDate") or now()
        targets = profile.setdefault("targetRegions", [{"name": body["location"]}])
        for one in targets:
            one["name"] = REGIONS[region(one["name"])]
            one.setdefault("regionalReplicaCount", 1)
            one.setdefault("storageAccountType", "Standard_LRS")
        done = set(completed(old)) if old else set[str]()
        summary = [_state(one["name"], region(one["name"]) in done) for one in targets]
        body["properties"]["replicationStatus"] = _status(summary)

    def finish(self, id: Id) -> None:
        body = self.resources.find(id)
        summary = body["properties"]["replicationStatus"]["summary"]
        for one in summary:
            failed = region(one["region"]) in self.failing and one["state"] != "Completed"
            one.update(
                {"state": "Failed", "details": "Failed to replicate."}
                if failed
                else {"state": "Completed", "progress": 100}
            )
        body["properties"]["replicationStatus"] = _status(summary)
        if lost := [one["region"] for one in summary if one["state"] == "Failed"]:
            message = f"Replication failed in this region: {', '.join(lost)}."
            raise Refused(409, "ReplicationFailed", message)

    def shown(self, body: Json, query: dict[str, str]) -> Json:
        found = copy.deepcopy(body)
        if query.get("$expand") != "ReplicationStatus":
            found["properties"].pop("replicationStatus", None)
        return found

    def _source(self, body: Json) -> Json:
        profile = body["properties"].get("storageProfile", {})
        source = profile.get("source") or profile.get("osDiskImage", {}).get("source") or {}
        return self.referred(source.get("id", ""), "the source of the version", body["location"])


def _refuse_loss(id: Id, body: Json, old: Json) -> None:
    """A version leaves the regions that a writing does not name (Azure/azure-cli issue 24099: "This
    request did not include all regions already replicated to, which caused an outage"), unless its
    safety profile forbids it ("Azure Compute Gallery", Best practices: "to prevent accidental
    deletion of replicated regions"). Nobody documents in which words, nor whether what is there
    counts or what is written: here both. The whole version may be deleted all the same: terraform-
    provider-azurerm forbids it for all that it makes, and deletes those.
    """
    lost = {region(one["name"]) for one in targets(old)} - {
        region(one["name"]) for one in targets(body)
    }
    allowed = [one["properties"].get("safetyProfile", {}).get(_MAY_GO, True) for one in (old, body)]
    if lost and not all(allowed):
        message = (
            f"The gallery image version {id.name} cannot be removed from "
            f"{', '.join(sorted(lost))}: safetyProfile.{_MAY_GO} is false."
        )
        raise Refused(409, "OperationNotAllowed", message)


def _state(name: str, done: bool) -> Json:
    state = "Completed" if done else "Replicating"
    return {"region": name, "state": state, "details": "", "progress": 100 if done else 0}


def _status(summary: list[Json]) -> Json:
    states = {one["state"] for one in summary}
    state = "InProgress" if "Replicating" in states else "Completed"
    return {"aggregatedState": "Failed" if "Failed" in states else state, "summary": summary}
