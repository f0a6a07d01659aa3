"""Microsoft.Compute's galleries: definitions, who may see them, and what of a version they do."""

import re
import uuid
from typing import ClassVar

from tests.simulators.azure.resources import GALLERIES, Id, Kind, Resources
from tests.simulators.azure.shapes import Answer, Json, Refused, check_fields, region

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
        check_place(self.resources, id.up(), body)
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


def completed(version: Json) -> list[str]:
    """The regions that have the version, whether or not it is for everyone."""
    summary = version["properties"]["replicationStatus"]["summary"]
    return [region(one["region"]) for one in summary if one["state"] == "Completed"]


def offered(version: Json) -> list[str]:
    """The regions in which the version is found when the newest is asked for."""
    profile = version["properties"]["publishingProfile"]
    hidden = {region(one["name"]) for one in targets(version) if one.get("excludeFromLatest")}
    if profile["excludeFromLatest"]:
        return []
    return [one for one in completed(version) if one not in hidden]


def targets(version: Json) -> list[Json]:
    return version["properties"].get("publishingProfile", {}).get("targetRegions", [])


def check_place(resources: Resources, gallery: Id, body: Json) -> None:
    where = resources.find(gallery)["location"]
    if region(body["location"]) != region(where):
        message = f"The gallery {gallery.name} is in {where}, not in {body['location']}."
        raise Refused(400, "InvalidParameter", message)
