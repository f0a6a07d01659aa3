"""What Azure shows to everyone in a location: images to start from, community galleries."""

import re
from collections.abc import Callable

from tests.simulators.azure.galleries import (
    GALLERY,
    community_info,
    completed,
    is_shared,
    offered,
)
from tests.simulators.azure.pages import paged
from tests.simulators.azure.resources import COMPUTE, GALLERIES, Id, Resources
from tests.simulators.azure.shapes import (
    SUBSCRIPTION,
    Answer,
    Json,
    Refused,
    Request,
    check_query,
    region,
    unknown,
)

_PUBLISHER, _OFFER = "canonical", "ubuntu-24_04-lts"
VERSIONS = ("24.04.202508210", "24.04.202508280")
#: The newest of them, as settings name it.
SOURCE = f"{_PUBLISHER}:{_OFFER}:server:{VERSIONS[-1]}"
_GENERATIONS = {"server": "V2", "server-gen1": "V1"}


class Public:
    def __init__(self, resources: Resources, address: str) -> None:
        self._resources, self._address = resources, address

    def call(self, location: str, rest: str, request: Request) -> Answer:
        """Of `locations/<location>/<rest>`."""
        at = {"location": region(location)}
        for pattern, version, queries, answer in _ROUTES:
            found = pattern.fullmatch(rest)
            if found and request.method == "GET":
                check_query(request, {"api-version", *queries})
                if request.query.get("api-version") != version:
                    raise unknown(f"the api-version {request.query.get('api-version')} of {rest}")
                return answer(self, {**at, **found.groupdict()}, request)
        raise unknown(f"{request.method} {request.path}", 404)

    # Images of publishers

    def source_versions(self, at: dict[str, str], request: Request) -> Answer:
        _check_sku(at)
        order = request.query.get("$orderby", "name asc")
        if order not in ("name asc", "name desc"):
            raise unknown(f"the order {order}")
        found = sorted(VERSIONS, reverse=order == "name desc")
        shown = [_source(at, version) for version in found[: int(request.query.get("$top", 9))]]
        return Answer([{key: one[key] for key in one if key != "properties"} for one in shown])

    def source_version(self, at: dict[str, str], request: Request) -> Answer:
        _check_sku(at)
        if at["version"] not in VERSIONS:
            raise _no_source()
        return Answer(_source(at, at["version"]))

    # Community galleries

    def image(self, at: dict[str, str], request: Request) -> Answer:
        definition = self._offered(at)
        shown = ("osType", "osState", "hyperVGeneration", "architecture", "identifier")
        given = definition["properties"]
        properties = {name: given[name] for name in shown if name in given}
        unique = f"/CommunityGalleries/{at['gallery']}/Images/{at['name']}"
        return Answer(
            {
                "name": at["name"],
                "location": at["location"],
                "type": "Microsoft.Compute/communityGalleries/images",
                "identifier": {"uniqueId": unique},
                "properties": properties,
            }
        )

    def versions(self, at: dict[str, str], request: Request) -> Answer:
        """What has arrived in the location, excluded from the latest or not ("Community Gallery
        Image Versions - List" shows `excludeFromLatest`)."""
        shown = [
            {
                "name": body["name"],
                "location": at["location"],
                "type": "Microsoft.Compute/communityGalleries/images/versions",
                "properties": {"excludeFromLatest": at["location"] not in offered(body)},
            }
            for body in self._arrived(self._offered(at), at["location"])
        ]
        return paged(shown, request, self._address)

    def _offered(self, at: dict[str, str]) -> Json:
        """A definition of which a version is in the location.

        Microsoft's pages do not say that versions which are excluded from the latest hide it.
        """
        for gallery in self._resources.of(GALLERY):
            if (
                not is_shared(gallery)
                or at["gallery"] not in community_info(gallery)["publicNames"]
            ):
                continue
            id = Id.parse(gallery["id"])
            assert id is not None
            definition = self._resources.get(f"{id}/images/{at['name']}")
            if definition is None:
                continue
            if self._arrived(definition, at["location"]):
                return definition
        raise _not_public(at)

    def _arrived(self, definition: Json, location: str) -> list[Json]:
        nested = self._resources.below(definition["id"])
        return [one for one in nested if location in completed(one)]


def _check_sku(at: dict[str, str]) -> None:
    known = (at["publisher"].lower(), at["offer"].lower()) == (_PUBLISHER, _OFFER)
    if not known or at["sku"].lower() not in _GENERATIONS:
        raise _no_source()


def _no_source() -> Refused:
    return Refused(404, "NotFound", "Artifact: VMImage was not found.")


def _source(at: dict[str, str], version: str) -> Json:
    properties = {
        "hyperVGeneration": _GENERATIONS[at["sku"].lower()],
        "architecture": "x64",
        "osDiskImage": {"operatingSystem": "Linux", "sizeInGb": 30},
        "dataDiskImages": [],
        "imageDeprecationStatus": {"imageState": "Active"},
    }
    return {
        "id": source_id(version, at["location"], at["sku"].lower()),
        "name": version,
        "location": at["location"],
        "properties": properties,
    }


def source_id(version: str, location: str, sku: str = "server") -> str:
    return (
        f"/Subscriptions/{SUBSCRIPTION}/Providers/Microsoft.Compute/Locations/{location}"
        f"/Publishers/{_PUBLISHER}/ArtifactTypes/VMImage/Offers/{_OFFER}/Skus/{sku}"
        f"/Versions/{version}"
    )


def is_source(id: str, location: str) -> bool:
    """Whether a disk there can be made of it."""
    known = [source_id(version, location, sku) for version in VERSIONS for sku in _GENERATIONS]
    return id.lower() in map(str.lower, known)


def _not_public(at: dict[str, str]) -> Refused:
    message = f"The community gallery image '{at['name']}' was not found in {at['location']}."
    return Refused(404, "NotFound", message)


_SKU = (
    r"publishers/(?P<publisher>[^/]+)/artifacttypes/vmimage/offers/(?P<offer>[^/]+)"
    r"/skus/(?P<sku>[^/]+)"
)
_IMAGE = r"communityGalleries/(?P<gallery>[^/]+)/images/(?P<name>[^/]+)"
_ONE = r"/versions/(?P<version>[^/]+)"

_Method = Callable[[Public, dict[str, str], Request], Answer]
_TABLE: list[tuple[str, str, tuple[str, ...], _Method]] = [
    (f"{_SKU}/versions", COMPUTE, ("$orderby", "$top"), Public.source_versions),
    (_SKU + _ONE, COMPUTE, (), Public.source_version),
    (_IMAGE, GALLERIES, (), Public.image),
    (f"{_IMAGE}/versions", GALLERIES, ("$skiptoken",), Public.versions),
]
_ROUTES = [
    (re.compile(path, re.IGNORECASE), version, queries, answer)
    for path, version, queries, answer in _TABLE
]
