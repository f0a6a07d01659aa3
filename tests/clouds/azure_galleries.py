"""Microsoft.Compute's galleries: definitions, versions, who may see them."""

import copy
import re
import uuid
from typing import ClassVar

from azure_resources import GALLERIES, Id, Kind, Resources
from azure_shapes import REGIONS, Answer, Json, Refused, check_fields, now, region

GALLERY = "Microsoft.Compute/galleries"
DEFINITION = f"{GALLERY}/images"
VERSION = f"{DEFINITION}/versions"

_COMMON = ("location", "tags.*")
_PREFIX = re.compile(r"[A-Za-z0-9]{5,16}")
_INFO = ("publisherUri", "publisherContact", "eula", "publicNamePrefix")


class Gallery(Kind):
    type, version = GALLERY, GALLERIES
    fields = (
        *(*_COMMON, "properties.description", "properties.sharingProfile.permissions"),
        *(f"properties.sharingProfile.communityGalleryInfo.{name}" for name in _INFO),
    )
    name = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.]{0,78}[A-Za-z0-9])?")
    queries: ClassVar[dict[str, set[str]]] = {"GET": {"$select", "$expand"}}

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        profile = body["properties"].get("sharingProfile", {})
        if old and is_shared(old) and profile.get("permissions") != "Community":
            message = f"The sharing permissions of the shared gallery {id.name} cannot be changed."
            raise Refused(409, "Conflict", message)
        if profile.get("permissions", "Private") not in ("Private", "Community"):
            raise Refused(400, "InvalidParameter", "sharingProfile.permissions is invalid.")
        info = profile.get("communityGalleryInfo")
        if info and not _PREFIX.fullmatch(info.get("publicNamePrefix", "")):
            message = "publicNamePrefix has to be of 5 to 16 letters and digits."
            raise Refused(400, "InvalidParameter", message)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        unique = f"{id.group}-{id.name}".upper()
        body["properties"]["identifier"] = {"uniqueName": unique}
        before = community_info(old) if old else {}
        for name in ("publicNames", "communityGalleryEnabled"):
            if name in before:
                community_info(body)[name] = before[name]

    def check_removal(self, id: Id, body: Json) -> None:
        if is_shared(body):
            message = f"The gallery {id.name} is shared to the community and cannot be deleted."
            raise Refused(409, "OperationNotAllowed", message)
        _refuse_nested(self.resources, id)

    def post(self, id: Id, action: str, given: Json) -> tuple[Answer, Json] | None:
        if action != "share":
            return None
        check_fields(given, {"operationType", "groups"})
        body = self.resources.find(id)
        match given.get("operationType"):
            case "EnableCommunity":
                _publish(id, body)
            case "Reset":
                body["properties"]["sharingProfile"] = {"permissions": "Private"}
            case other:
                raise Refused(400, "InvalidParameter", f"operationType {other} is not known here.")
        return Answer(given, 202), given


def _publish(id: Id, body: Json) -> None:
    profile = body["properties"].get("sharingProfile", {})
    info = profile.get("communityGalleryInfo", {})
    missing = [name for name in _INFO if not info.get(name)]
    if profile.get("permissions") != "Community" or missing:
        message = f"The gallery {id.name} is not for the community, or lacks {missing}."
        raise Refused(400, "InvalidParameter", message)
    info.setdefault("publicNames", [f"{info['publicNamePrefix']}-{uuid.uuid4()}"])
    info["communityGalleryEnabled"] = True


def community_info(gallery: Json) -> Json:
    return gallery["properties"].get("sharingProfile", {}).get("communityGalleryInfo", {})


def is_shared(gallery: Json) -> bool:
    return bool(community_info(gallery).get("communityGalleryEnabled"))


def _refuse_nested(resources: Resources, id: Id) -> None:
    nested = resources.below(id)
    if nested:
        message = f"Cannot delete resource while nested resources exist: {nested[0]['id']}"
        raise Refused(409, "CannotDeleteResource", message)


class Definition(Kind):
    type, version, inside = DEFINITION, GALLERIES, 1
    fixed = ("identifier", "osState", "osType", "hyperVGeneration", "features", "architecture")
    fields = (
        *_COMMON,
        *(f"properties.{name}" for name in fixed if name not in ("identifier", "features")),
        *(f"properties.identifier.{name}" for name in ("publisher", "offer", "sku")),
        *("properties.features.name", "properties.features.value"),
        *("properties.recommended.vCPUs.*", "properties.recommended.memory.*"),
        *(f"properties.{name}" for name in ("description", "eula", "privacyStatementUri")),
        *("properties.releaseNoteUri", "properties.endOfLifeDate"),
    )

    def check(self, id: Id, body: Json, old: Json | None) -> None:
        _check_place(self.resources, id.up(), body)
        given = body["properties"]
        for name in ("identifier", "osState", "osType"):
            if name not in given:
                message = f"Required parameter 'galleryImage.properties.{name}' is missing (null)."
                raise Refused(400, "InvalidParameter", message)
        for other in self.resources.below(id.up()):
            same = other["properties"].get("identifier") == given["identifier"]
            if same and other["id"].lower() != str(id).lower():
                message = f"The publisher, offer and sku of {id.name} are {other['name']}'s."
                raise Refused(409, "Conflict", message)

    def complete(self, id: Id, body: Json, old: Json | None) -> None:
        body["properties"].setdefault("hyperVGeneration", "V1")
        body["properties"].setdefault("architecture", "x64")

    def check_removal(self, id: Id, body: Json) -> None:
        _refuse_nested(self.resources, id)


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
        "properties.safetyProfile.allowDeletionOfReplicatedLocations",
    )

    def __init__(self, resources: Resources, address: str) -> None:
        super().__init__(resources, address)
        #: Regions to which nothing gets.
        self.failing: set[str] = set()

    def check_given(self, given: Json) -> None:
        """A source has one place ("Azure-Samples/ansible-playbooks" issue 89 has the words)."""
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
        _check_place(self.resources, id.up(2), body)
        definition = self.resources.find(id.up())
        wanted = {region(one["name"]) for one in _targets(body)}
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


def completed(version: Json) -> list[str]:
    """The regions that have the version, whether or not it is for everyone."""
    summary = version["properties"]["replicationStatus"]["summary"]
    return [region(one["region"]) for one in summary if one["state"] == "Completed"]


def offered(version: Json) -> list[str]:
    """The regions in which the version is found when the newest is asked for."""
    profile = version["properties"]["publishingProfile"]
    hidden = {region(one["name"]) for one in _targets(version) if one.get("excludeFromLatest")}
    if profile["excludeFromLatest"]:
        return []
    return [one for one in completed(version) if one not in hidden]


def _targets(version: Json) -> list[Json]:
    return version["properties"].get("publishingProfile", {}).get("targetRegions", [])


def _state(name: str, done: bool) -> Json:
    state = "Completed" if done else "Replicating"
    return {"region": name, "state": state, "details": "", "progress": 100 if done else 0}


def _status(summary: list[Json]) -> Json:
    states = {one["state"] for one in summary}
    state = "InProgress" if "Replicating" in states else "Completed"
    return {"aggregatedState": "Failed" if "Failed" in states else state, "summary": summary}


def _check_place(resources: Resources, gallery: Id, body: Json) -> None:
    where = resources.find(gallery)["location"]
    if region(body["location"]) != region(where):
        message = f"The gallery {gallery.name} is in {where}, not in {body['location']}."
        raise Refused(400, "InvalidParameter", message)
