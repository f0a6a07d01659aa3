"""The methods of Google's APIs that are used, over dictionaries.

A call with an unknown path, method or field is a mistake of whoever calls, and told as one.
"""

import itertools
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]

#: What Ubuntu's images have.
FEATURES = ("GVNIC", "UEFI_COMPATIBLE", "VIRTIO_SCSI_MULTIQUEUE")
UBUNTU = "ubuntu-os-cloud"
SOURCE = "ubuntu-2404-noble-amd64-v20250828"
FAMILY = "ubuntu-2404-lts-amd64"
#: The disk of Google's own base image of A3 Mega is larger than the others'.
A3MEGA_SOURCE = "dstack-a3mega-20250401t065024z"

_LINK = "https://www.googleapis.com/compute/v1/"
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_KEY, _LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}")
_PAGE = 2
_IMAGE_FIELDS = {
    *("name", "description", "family", "labels", "sourceDisk", "sourceImage"),
    *("storageLocations", "guestOsFeatures"),
}


class Refused(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason

    def answer(self) -> Json:
        errors = [{"reason": self.reason, "message": str(self), "domain": "global"}]
        return {"error": {"code": self.status, "message": str(self), "errors": errors}}


def _unknown(what: str) -> Refused:
    return Refused(400, "invalid", f"the simulated Google Cloud does not know {what}")


class Api:
    """One project, and Ubuntu's public one."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.images: dict[str, Json] = {}
        self.policies: dict[str, Json] = {}
        self.instances: dict[str, Json] = {}
        self.disks: dict[str, Json] = {}
        self.buckets: dict[str, Json] = {}
        #: Who may be given a role, where the organisation limits that.
        self.allowed_domains: list[str] = []
        self.image_quota = 10_000
        #: Method and path of every call.
        self.calls: list[tuple[str, str]] = []
        #: Refusals to come: method, end of the path, what is answered.
        self.refusals: list[tuple[str, str, Refused]] = []
        #: Changes that will be accepted and not made: kind, code, message.
        self.failures: list[tuple[str, str, str]] = []
        self._operations: dict[str, Json] = {}
        self._numbers = itertools.count(4_000_000_000_000_000_001)
        self._lock = threading.RLock()
        self._ubuntu: dict[str, Json] = {}
        self.add_ubuntu(SOURCE)

    def add_ubuntu(self, name: str) -> str:
        """A newer one of Ubuntu's; returns its name."""
        image = self._new_image(UBUNTU, {"name": name, "family": FAMILY}, 10)
        image["guestOsFeatures"] = [{"type": feature} for feature in FEATURES]
        self._ubuntu[name] = image
        return name

    def call(self, method: str, path: str, query: dict[str, str], body: bytes) -> Json | bytes:
        with self._lock:
            self.calls.append((method, path))
            for number, (wanted, end, refusal) in enumerate(self.refusals):
                if wanted == method and path.endswith(end):
                    del self.refusals[number]
                    raise refusal
            for pattern, verb, answer in _ROUTES:
                found = pattern.fullmatch(path)
                if found and verb == method:
                    return answer(self, found.groupdict(), query, body)
        raise Refused(404, "notFound", f"the simulated Google Cloud has no {method} {path}")

    # Images

    def list_images(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        return _page(list(self.images.values()), query)

    def get_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        return self._image(at)

    def get_family(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        every = list((self._ubuntu if at["project"] == UBUNTU else self.images).values())
        active = [
            image
            for image in every
            if image.get("family") == at["name"] and "deprecated" not in image
        ]
        if not active:
            raise _absent("global/images/family", at)
        return active[-1]

    def insert_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        given = _fields(body, _IMAGE_FIELDS)
        self._free(self.images, given, "images")
        _check_labels(given.get("labels", {}))
        source = self._source(given)
        image = self._new_image(at["project"], given, source["diskSizeGb"])
        image.setdefault("guestOsFeatures", source["guestOsFeatures"])
        self.images[image["name"]] = image
        return self._operation(at, "insert")

    def patch_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        image = self._image(at)
        given = _fields(body, {"description", "family"})
        if len(given.get("description", "")) > 2048:
            raise Refused(400, "invalid", "description: must be at most 2048 characters long")
        image.update(given)
        return self._operation(at, "patch")

    def label_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        image = self._image(at)
        given = _fields(body, {"labels", "labelFingerprint"})
        if given.get("labelFingerprint") != image["labelFingerprint"]:
            raise Refused(412, "conditionNotMet", "Labels fingerprint either invalid or stale")
        _check_labels(given.get("labels", {}))
        image["labels"] = given.get("labels", {})
        image["labelFingerprint"] = str(next(self._numbers))
        return self._operation(at, "setLabels")

    def deprecate_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        image = self._image(at)
        given = _fields(body, {"state", "replacement"})
        if given.get("state", "ACTIVE") == "ACTIVE":
            image.pop("deprecated", None)
        else:
            image["deprecated"] = given
        return self._operation(at, "deprecate")

    def delete_image(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._image(at)
        del self.images[at["name"]]
        self.policies.pop(at["name"], None)
        return self._operation(at, "delete")

    def get_policy(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._image(at)
        return self.policies.get(at["name"], {"etag": "BwAAAAAAAAA="})

    def set_policy(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._image(at)
        policy = _fields(body, {"policy"})["policy"]
        members = {member for binding in policy["bindings"] for member in binding["members"]}
        if self.allowed_domains and members & {"allAuthenticatedUsers", "allUsers"}:
            raise Refused(
                412,
                "conditionNotMet",
                "One or more users named in the policy do not belong to a permitted customer.",
            )
        self.policies[at["name"]] = policy
        return policy

    # Machines and disks

    def list_zone(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        return _page(list(self._zonal(at).values()), query)

    def insert_zone(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        given = _fields(body, {"name", "labels", "sourceImage", "sizeGb", "disks"})
        self._free(self._zonal(at), given, at["kind"])
        link = f"{_LINK}projects/{at['project']}/zones/{at['zone']}/{at['kind']}/{given['name']}"
        made = {**given, "selfLink": link, "creationTimestamp": _now(), "users": []}
        for disk in given.get("disks", []):
            name = disk["source"].rpartition("/")[2]
            self.disks[name]["users"].append(link)
        self._zonal(at)[given["name"]] = made
        return self._operation(at, "insert")

    def delete_zone(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        found = self._zonal(at).get(at["name"])
        if found is None:
            raise _absent(f"zones/{at['zone']}/{at['kind']}", at)
        if found["users"]:
            raise Refused(400, "resourceInUseByAnotherResource", f"{at['name']} is in use")
        for disk in self.disks.values():
            disk["users"] = [user for user in disk["users"] if user != found["selfLink"]]
        del self._zonal(at)[at["name"]]
        return self._operation(at, "delete")

    def get_operation(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        operation = self._operations.get(at["name"])
        if operation is None:
            raise _absent("operations", at)
        answer = dict(operation)
        operation["status"] = "DONE"
        return answer

    # Buckets

    def insert_bucket(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        given = json.loads(body)
        if given["name"] in self.buckets:
            raise Refused(409, "conflict", "The requested bucket name is not available.")
        self.buckets[given["name"]] = {"objects": {}, **given}
        return given

    def get_bucket(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        found = self._bucket(at)
        return {key: value for key, value in found.items() if key != "objects"}

    def delete_bucket(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        if self._bucket(at)["objects"]:
            raise Refused(409, "conflict", "The bucket you tried to delete is not empty.")
        del self.buckets[at["bucket"]]
        return {}

    def put_object(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        if query.get("uploadType") != "media" or not query.get("name"):
            raise _unknown(f"an upload with {query}")
        self._bucket(at)["objects"][query["name"]] = body.decode(errors="surrogateescape")
        return {"name": query["name"]}

    def get_object(self, at: dict[str, str], query: dict[str, str], body: bytes) -> bytes:
        """The content ("Objects: get" of the JSON API, `alt=media`)."""
        if query.get("alt") != "media":
            raise _unknown(f"an object with {query}")
        found = self._bucket(at)["objects"].get(unquote(at["object"]))
        if found is None:
            raise Refused(404, "notFound", f"No such object: {at['bucket']}/{at['object']}")
        return found.encode(errors="surrogateescape")

    def empty_bucket(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._bucket(at)["objects"] = {}
        return {}

    # The project itself

    def get_project(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        return {"projectId": self.project, "projectNumber": "531508670106", "name": "dstack"}

    def get_compute_project(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        """Only the quota of images ("REST Resource: projects"): `limit` and `usage` are numbers."""
        self._own(at)
        usage = float(len(self.images))
        quota = {"metric": "IMAGES", "limit": float(self.image_quota), "usage": usage}
        return {"kind": "compute#project", "name": self.project, "quotas": [quota]}

    def get_org_policy(self, at: dict[str, str], query: dict[str, str], body: bytes) -> Json:
        self._own(at)
        constraint = _fields(body, {"constraint"})["constraint"]
        values = {"allowedValues": self.allowed_domains} if self.allowed_domains else {}
        return {"constraint": constraint, "listPolicy": values or {"allValues": "ALLOW"}}

    # Within

    def _own(self, at: dict[str, str]) -> None:
        if at["project"] != self.project:
            raise Refused(403, "forbidden", f"Permission denied on project {at['project']}")

    def _image(self, at: dict[str, str]) -> Json:
        if at["project"] == UBUNTU and at["name"] in self._ubuntu:
            return self._ubuntu[at["name"]]
        if at["project"] != UBUNTU:
            self._own(at)
        if at["project"] == UBUNTU or at["name"] not in self.images:
            raise _absent("global/images", at)
        return self.images[at["name"]]

    def _new_image(self, project: str, given: Json, disk_gb: int) -> Json:
        link = f"{_LINK}projects/{project}/global/images/{given['name']}"
        return {
            "id": str(next(self._numbers)),
            "selfLink": link,
            "creationTimestamp": _now(),
            "status": "READY",
            "architecture": "X86_64",
            "diskSizeGb": str(disk_gb),
            # What is kept of it, compressed ("REST Resource: images").
            "archiveSizeBytes": "1500000000",
            "labelFingerprint": str(next(self._numbers)),
            **given,
        }

    def _source(self, given: Json) -> Json:
        if "sourceDisk" in given:
            disk = self.disks.get(given["sourceDisk"].rpartition("/")[2])
            if disk is None:
                raise Refused(404, "notFound", f"{given['sourceDisk']} was not found")
            image = self._image(_image_path(disk["sourceImage"]))
            return {**image, "diskSizeGb": disk["sizeGb"]}
        return self._image(_image_path(given["sourceImage"]))

    def _free(self, there: dict[str, Json], given: Json, kind: str) -> None:
        name = given["name"]
        if not _NAME.fullmatch(name):
            raise Refused(400, "invalid", f"Invalid value for field 'resource.name': '{name}'")
        if name in there:
            message = f"The resource 'projects/{self.project}/{kind}/{name}' already exists"
            raise Refused(409, "alreadyExists", message)

    def _zonal(self, at: dict[str, str]) -> dict[str, Json]:
        return self.instances if at["kind"] == "instances" else self.disks

    def _bucket(self, at: dict[str, str]) -> Json:
        if at["bucket"] not in self.buckets:
            raise Refused(404, "notFound", "The specified bucket does not exist.")
        return self.buckets[at["bucket"]]

    def _operation(self, at: dict[str, str], kind: str) -> Json:
        name = f"operation-{next(self._numbers)}"
        operation: Json = {"name": name, "operationType": kind, "status": "RUNNING"}
        for number, (wanted, code, message) in enumerate(self.failures):
            if wanted == kind:
                del self.failures[number]
                operation["error"] = {"errors": [{"code": code, "message": message}]}
                break
        self._operations[name] = operation
        return dict(operation)


def _image_path(link: str) -> dict[str, str]:
    found = re.search(r"projects/(?P<project>[^/]+)/global/images/(?P<name>[^/]+)$", link)
    if found is None:
        raise _unknown(f"the image {link}")
    return found.groupdict()


def _fields(body: bytes, known: set[str]) -> Json:
    given = json.loads(body)
    if wrong := sorted(set(given) - known):
        raise _unknown(f"the fields {', '.join(wrong)}")
    return given


def _check_labels(labels: dict[str, str]) -> None:
    wrong = [
        key
        for key, value in labels.items()
        if not _LABEL_KEY.fullmatch(key) or not _LABEL.fullmatch(value)
    ]
    if wrong or len(labels) > 64:
        raise Refused(400, "invalid", f"Invalid labels {wrong}, or more than 64 ({len(labels)})")


def _page(every: list[Json], query: dict[str, str]) -> Json:
    """Few at a time, so that whoever reads the first page only is found out."""
    start = int(query.get("pageToken", 0))
    answer: Json = {"items": every[start : start + _PAGE]}
    if start + _PAGE < len(every):
        answer["nextPageToken"] = str(start + _PAGE)
    return answer


def _absent(what: str, at: dict[str, str]) -> Refused:
    where = f"projects/{at['project']}/{what}/{at['name']}"
    return Refused(404, "notFound", f"The resource '{where}' was not found")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


_PROJECT = r"/compute/v1/projects/(?P<project>[^/]+)"
_IMAGES = rf"{_PROJECT}/global/images"
_IMAGE = rf"{_IMAGES}/(?P<name>[^/]+)"
_ZONE = rf"{_PROJECT}/zones/(?P<zone>[^/]+)"
_KIND = rf"{_ZONE}/(?P<kind>instances|disks)"
_BUCKET = r"/storage/v1/b/(?P<bucket>[^/]+)"

_Answer = Callable[[Api, dict[str, str], dict[str, str], bytes], Json | bytes]
_TABLE: list[tuple[str, str, _Answer]] = [
    (_PROJECT, "GET", Api.get_compute_project),
    (_IMAGES, "GET", Api.list_images),
    (_IMAGES, "POST", Api.insert_image),
    (rf"{_IMAGES}/family/(?P<name>[^/]+)", "GET", Api.get_family),
    (_IMAGE, "GET", Api.get_image),
    (_IMAGE, "PATCH", Api.patch_image),
    (_IMAGE, "DELETE", Api.delete_image),
    (rf"{_IMAGE}/setLabels", "POST", Api.label_image),
    (rf"{_IMAGE}/deprecate", "POST", Api.deprecate_image),
    (rf"{_IMAGE}/getIamPolicy", "GET", Api.get_policy),
    (rf"{_IMAGE}/setIamPolicy", "POST", Api.set_policy),
    (rf"{_PROJECT}/global/operations/(?P<name>[^/]+)", "GET", Api.get_operation),
    (rf"{_ZONE}/operations/(?P<name>[^/]+)", "GET", Api.get_operation),
    (_KIND, "GET", Api.list_zone),
    (_KIND, "POST", Api.insert_zone),
    (rf"{_KIND}/(?P<name>[^/]+)", "DELETE", Api.delete_zone),
    (r"/storage/v1/b", "POST", Api.insert_bucket),
    (_BUCKET, "GET", Api.get_bucket),
    (_BUCKET, "DELETE", Api.delete_bucket),
    (rf"{_BUCKET}/o", "DELETE", Api.empty_bucket),
    (rf"/upload{_BUCKET}/o", "POST", Api.put_object),
    (rf"{_BUCKET}/o/(?P<object>[^/]+)", "GET", Api.get_object),
    (r"/v1/projects/(?P<project>[^/:]+)", "GET", Api.get_project),
    (r"/v1/projects/(?P<project>[^/:]+):getEffectiveOrgPolicy", "POST", Api.get_org_policy),
]
_ROUTES = [(re.compile(path), method, answer) for path, method, answer in _TABLE]
