"""Object Storage of one region. Source: Object Storage API; "Using Pre-Authenticated Requests"."""

import json
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.simulators.oci.policies import COPY, RULE
from tests.simulators.oci.shapes import (
    Answer,
    Json,
    Refused,
    Request,
    absent,
    etag,
    now,
    ocid,
    only,
    page,
)

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

NAMESPACE = "dstacknamespace"
_LISTED = 2


class Bucket:
    """One bucket: texts, and what an image was exported to, which is a dictionary."""

    def __init__(self, given: Json) -> None:
        self.given = given
        self.objects: dict[str, Any] = {}
        self.links: dict[str, Json] = {}
        self.rules: list[Json] = []
        self._etags: dict[str, str] = {}

    def put(self, name: str, content: Any) -> None:
        self.objects[name] = content
        self._etags[name] = etag()

    def content(self, name: str) -> Any:
        if name not in self.objects:
            raise Refused(404, "ObjectNotFound", f"The object '{name}' was not found")
        return self.objects[name]

    def head(self, name: str) -> dict[str, str]:
        content = self.content(name)
        size = len(content.encode(errors="surrogateescape")) if isinstance(content, str) else 4096
        return {"etag": self._etags[name], "x-size": str(size)}


class Store:
    def __init__(self, region: "Region") -> None:
        self._region = region
        self.buckets: dict[str, Bucket] = {}

    def bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise Refused(404, "BucketNotFound", f"Either the bucket named '{name}' does not exist")
        return self.buckets[name]

    def namespace(self, request: Request, at: dict[str, str]) -> Answer:
        """For a compartment, OBJECTSTORAGE_NAMESPACE_READ ("Details for Object Storage")."""
        only(request, "compartmentId")
        if "compartmentId" in request.query and self._region.tenancy.faults.no_namespace_read:
            raise absent("namespace")
        return Answer(NAMESPACE)

    def create(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(
            *("name", "compartmentId", "publicAccessType", "versioning", "freeformTags"),
            *("storageTier", "definedTags"),
        )
        if given["name"] in self.buckets:
            raise Refused(409, "BucketAlreadyExists", f"{given['name']} is there already")
        self.buckets[given["name"]] = Bucket(given)
        return Answer(self._shown(given["name"]), headers={"etag": etag()})

    def get(self, request: Request, at: dict[str, str]) -> Answer:
        self.bucket(at["bucket"])
        return Answer(self._shown(at["bucket"]), headers={"etag": "0"})

    def delete(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.bucket(at["bucket"])
        if found.objects or found.links:
            raise Refused(409, "BucketNotEmpty", f"Bucket named '{at['bucket']}' is not empty")
        del self.buckets[at["bucket"]]
        return Answer(status=204)

    def put_rules(self, request: Request, at: dict[str, str]) -> Answer:
        """What the service itself removes; it needs a policy of its own for that."""
        self._region.tenancy.policies.must_let_storage(self._region.name, RULE)
        self.bucket(at["bucket"]).rules = request.json("items")["items"]
        return Answer({"timeCreated": now(), "items": self.bucket(at["bucket"]).rules})

    def get_rules(self, request: Request, at: dict[str, str]) -> Answer:
        if not (rules := self.bucket(at["bucket"]).rules):
            raise Refused(404, "LifecyclePolicyNotFound", "The bucket has no lifecycle policy")
        return Answer({"timeCreated": now(), "items": rules})

    def list_objects(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, "prefix", "start", "fields")
        names = sorted(self.bucket(at["bucket"]).objects)
        after = [
            name
            for name in names
            if name >= request.query.get("start", "")
            and name.startswith(request.query.get("prefix", ""))
        ]
        body: Json = {"objects": [{"name": name} for name in after[:_LISTED]]}
        if len(after) > _LISTED:
            body["nextStartWith"] = after[_LISTED]
        return Answer(body)

    def put(self, request: Request, at: dict[str, str]) -> Answer:
        self.bucket(at["bucket"]).put(at["name"], request.body.decode(errors="surrogateescape"))
        return Answer(headers={"etag": self.bucket(at["bucket"]).head(at["name"])["etag"]})

    def read(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.bucket(at["bucket"])
        content = found.content(at["name"])
        text = content if isinstance(content, str) else json.dumps(content)
        return Answer(text, headers=found.head(at["name"]))

    def head(self, request: Request, at: dict[str, str]) -> Answer:
        return Answer("", headers=self.bucket(at["bucket"]).head(at["name"]))

    def remove(self, request: Request, at: dict[str, str]) -> Answer:
        found = self.bucket(at["bucket"])
        found.content(at["name"])
        del found.objects[at["name"]]
        return Answer(status=204)

    def copy(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(
            *("sourceObjectName", "destinationRegion", "destinationNamespace"),
            *("destinationBucket", "destinationObjectName", "destinationObjectIfNoneMatchETag"),
        )
        content = self.bucket(at["bucket"]).content(given["sourceObjectName"])
        there = self._region.tenancy.region(given["destinationRegion"]).store
        there.bucket(given["destinationBucket"])
        tenancy = self._region.tenancy
        tenancy.policies.must_let_storage(self._region.name, COPY)

        def finish() -> str:
            if given["destinationRegion"] in tenancy.faults.copies_fail:
                return "The destination did not answer"
            there.bucket(given["destinationBucket"]).put(given["destinationObjectName"], content)
            return ""

        id = self._region.copies.start("COPY_OBJECT", finish, stuck=tenancy.faults.copies_stick)
        return Answer(status=202, headers={"opc-work-request-id": id})

    def get_work(self, request: Request, at: dict[str, str]) -> Answer:
        return Answer(_plain(self._region.copies.get(at["id"])))

    def work_errors(self, request: Request, at: dict[str, str]) -> Answer:
        return page(self._region.copies.errors(at["id"]), request)

    # Links

    def link(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json("name", "accessType", "objectName", "timeExpires")
        id, token = ocid("par"), secrets.token_hex(8)
        uri = f"/p/{token}/n/{NAMESPACE}/b/{at['bucket']}/o/{given['objectName']}"
        made = {"id": id, "timeCreated": now(), **given}
        self.bucket(at["bucket"]).links[id] = {**made, "_token": token}
        host = f"https://objectstorage.{self._region.name}.oraclecloud.com"
        return Answer({**made, "accessUri": uri, "fullPath": f"{host}{uri}"})

    def links(self, request: Request, at: dict[str, str]) -> Answer:
        return page([_plain(one) for one in self.bucket(at["bucket"]).links.values()], request)

    def unlink(self, request: Request, at: dict[str, str]) -> Answer:
        if self.bucket(at["bucket"]).links.pop(at["id"], None) is None:
            raise absent(at["id"])
        return Answer(status=204)

    def linked(self, request: Request, at: dict[str, str]) -> Answer:
        """By whoever has the link, until its time is over by the clock."""
        found = self.bucket(at["bucket"])
        link = next((one for one in found.links.values() if one["_token"] == at["token"]), None)
        if link is None or datetime.fromisoformat(link["timeExpires"]) < datetime.now(UTC):
            raise Refused(404, "NotAuthorizedOrNotFound", "PAR does not exist")
        if link["objectName"] != at["name"]:
            raise Refused(404, "ObjectNotFound", at["name"])
        return Answer(json.dumps(found.content(at["name"])))

    def _shown(self, name: str) -> Json:
        return {"namespace": NAMESPACE, "createdBy": "", "timeCreated": now(), "etag": "0"} | {
            **self.buckets[name].given
        }


def _plain(thing: Json) -> Json:
    return {key: value for key, value in thing.items() if not re.match("_", key)}
