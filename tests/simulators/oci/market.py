"""Publications and listings of one region. Source: Marketplace API, version 20181001.

A review lasts until a test ends it; a listing is there only afterwards, and in this region alone.
So is a package: its summary cannot be without a listing (oci.marketplace.models,
PublicationPackageSummary). What is deleted is DELETING for a while, and holds its image until it is
DELETED (terraform-provider-oci, marketplace_publication_resource.go, gives it 20 minutes).
"""

from typing import TYPE_CHECKING, Any

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
    shown,
)

if TYPE_CHECKING:
    from tests.simulators.oci.region import Region

_GONE = ("DELETED", "FAILED")
#: Looks at a publication until it is deleted.
_DELETING = 2


class Market:
    def __init__(self, region: "Region") -> None:
        self._region = region
        self.publications: dict[str, Json] = {}
        #: Also those of others: everyone sees every listing.
        self.listings: dict[str, Json] = {}

    def uses(self, image: str) -> bool:
        """Whether a publication refers to the image."""
        return any(
            one["_image"] == image and one["lifecycleState"] not in _GONE
            for one in self.publications.values()
        )

    # What a test decides

    def approve(self, name: str, *, listed: bool = True) -> None:
        """Oracle's review of all of that name ends well. `listed`: servers find it already."""
        for one in self.publications.values():
            if one["name"] == name and one["lifecycleState"] == "CREATING":
                one["lifecycleState"] = "ACTIVE"
                if listed:
                    one["_listing"] = self.add_listing(name, one["_image"], one["_version"])["id"]

    def reject(self, name: str) -> None:
        """Oracle's review ends badly; nobody is told why."""
        for one in self.publications.values():
            if one["name"] == name:
                one["lifecycleState"] = "FAILED"

    def add_listing(self, name: str, image: str, version: str) -> Json:
        id = ocid("mktpublisting", self._region.name)
        self.listings[id] = {
            "id": id,
            "name": name,
            "listingType": "COMMUNITY",
            "packageType": "IMAGE",
            "defaultPackageVersion": version,
            "_image": image,
        }
        return self.listings[id]

    # What is called

    def create(self, request: Request, at: dict[str, str]) -> Answer:
        given = request.json(
            *("compartmentId", "listingType", "name", "shortDescription", "longDescription"),
            *("supportContacts", "packageDetails", "isAgreementAcknowledged", "freeformTags"),
        )
        check_tags(given.get("freeformTags") or {})
        package = given["packageDetails"]
        if given["listingType"] != "COMMUNITY" or package["packageType"] != "IMAGE":
            raise Refused(400, "InvalidParameter", "not a community's image")
        if given["isAgreementAcknowledged"] is not True:
            raise Refused(400, "InvalidParameter", "isAgreementAcknowledged must be true")
        if self._region.images.one(package["imageId"])["lifecycleState"] != "AVAILABLE":
            raise Refused(400, "InvalidParameter", "the image is not available")
        if self._region.tenancy.faults.publications_full:
            raise Refused(400, "LimitExceeded", "The limit of Community Applications is exceeded")
        id = ocid("mktpublication", self._region.name)
        self.publications[id] = {
            "id": id,
            "name": given["name"],
            "compartmentId": given["compartmentId"],
            "lifecycleState": "CREATING",
            "listingType": "COMMUNITY",
            "packageType": "IMAGE",
            "shortDescription": given["shortDescription"],
            "supportContacts": given["supportContacts"],
            "supportedOperatingSystems": [package["operatingSystem"]],
            "freeformTags": given.get("freeformTags") or {},
            "timeCreated": now(),
            "_image": package["imageId"],
            "_version": package["packageVersion"],
            "_listing": None,
        }
        return Answer(shown(self.publications[id]), headers={"etag": "0"})

    def list(self, request: Request, at: dict[str, str]) -> Answer:
        only(request, "compartmentId", "listingType", "name", "publicationId")
        if not {"compartmentId", "listingType"} <= set(request.query):
            raise Refused(400, "InvalidParameter", "compartmentId and listingType are required")
        found = [
            shown(one)
            for one in self.publications.values()
            if one["compartmentId"] == request.query["compartmentId"]
            and request.query.get("name", "") in one["name"]
        ]
        return page(found, request)

    def get(self, request: Request, at: dict[str, str]) -> Answer:
        found = self._one(at["id"])
        answer = Answer(shown(found), headers={"etag": "0"})
        if found["lifecycleState"] == "DELETING":
            found["_left"] -= 1
            if not found["_left"]:
                found["lifecycleState"] = "DELETED"
        return answer

    def delete(self, request: Request, at: dict[str, str]) -> Answer:
        found = self._one(at["id"])
        if found["lifecycleState"] == "DELETING":
            raise Refused(409, "Conflict", "The publication is being deleted")
        found |= {"lifecycleState": "DELETING", "_left": _DELETING}
        self.listings.pop(found["_listing"], None)
        return Answer(status=202, headers={"opc-work-request-id": ocid("work")})

    def packages(self, request: Request, at: dict[str, str]) -> Answer:
        found = self._one(at["id"])
        listed = {"packageVersion": found["_version"], "packageType": "IMAGE"}
        listing = found["_listing"]
        every = [{**listed, "listingId": listing, "resourceId": None}] if listing else []
        return page(every, request)

    def package(self, request: Request, at: dict[str, str]) -> Answer:
        found = self._one(at["id"])
        if not found["_listing"]:
            raise absent(at["version"])
        return Answer(_package(found["_version"], found["_listing"], found["_image"]))

    def list_listings(self, request: Request, at: dict[str, str]) -> Answer:
        """The match of names is inexact: `dstack-0.1` finds `dstack-0.14` (dstack's backend)."""
        only(request, "name", "listingTypes", "compartmentId")
        found = [
            shown(one)
            for one in self.listings.values()
            if request.query.get("name", "") in one["name"]
        ]
        return page(found, request)

    def listing(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] not in self.listings:
            raise absent(at["id"])
        return Answer(shown(self.listings[at["id"]]))

    def listing_package(self, request: Request, at: dict[str, str]) -> Answer:
        if at["id"] not in self.listings:
            raise absent(at["id"])
        found = self.listings[at["id"]]
        return Answer(_package(at["version"], found["id"], found["_image"]))

    def _one(self, id: str) -> Json:
        if id not in self.publications:
            raise absent(id)
        return self.publications[id]


def _package(version: str, listing: str | None, image: str) -> dict[str, Any]:
    return {
        "version": version,
        "packageType": "IMAGE",
        "listingId": listing,
        "appCatalogListingId": listing,
        "appCatalogListingResourceVersion": version,
        "imageId": image,
        "operatingSystem": {"name": "Ubuntu"},
    }
