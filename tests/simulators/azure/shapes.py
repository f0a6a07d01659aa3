"""What all services of the simulated Azure share: requests, answers, refusals, fields, regions."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any

Json = dict[str, Any]
Headers = Mapping[str, str] | Message

SUBSCRIPTION = "0c52b13c-5d4e-4b36-9dd9-1a2b3c4d5e6f"
TENANT = "7e2d6f0a-8c1b-4f7e-a7a5-6f5e4d3c2b1a"

#: Of every region that is known: the name that people read, which Azure answers with at times.
REGIONS = {
    "brazilsouth": "Brazil South",
    "canadacentral": "Canada Central",
    "centralus": "Central US",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "northeurope": "North Europe",
    "southcentralus": "South Central US",
    "southeastasia": "Southeast Asia",
    "swedencentral": "Sweden Central",
    "uksouth": "UK South",
    "westeurope": "West Europe",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict[str, str])
    headers: Headers = field(default_factory=dict[str, str])
    body: bytes = b""

    def json(self) -> Json:
        found: Any = json.loads(self.body or b"{}")
        if not isinstance(found, dict):
            raise Refused(400, "InvalidRequestContent", "The request content was invalid.")
        return found


@dataclass(frozen=True)
class Answer:
    """A text is sent as it is, all else as JSON."""

    body: Json | list[Json] | str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Refused(Exception):
    """As Resource Manager and Graph word it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def error(self) -> Json:
        return {"code": self.code, "message": str(self)}

    def answer(self) -> Answer:
        return Answer({"error": self.error()}, self.status)


def unknown(what: str, status: int = 400) -> Refused:
    return Refused(status, "NotSimulated", f"the simulated Azure does not know {what}")


def check_query(request: Request, known: Iterable[str]) -> None:
    if wrong := sorted(set(request.query) - set(known)):
        raise unknown(f"the query's {', '.join(wrong)} of {request.method} {request.path}")


def check_fields(given: Json, known: Iterable[str]) -> None:
    """Refuse a field, at any depth, that is not among these: `a.b` is in a, or in each of a.

    `a.*` stands for all that may be in a.
    """
    wrong = sorted(path for path in set(_paths(given)) if not _is_known(path, known))
    if wrong:
        raise unknown(f"the fields {', '.join(wrong)}")


def _paths(value: Any, path: str = "") -> Iterable[str]:
    if isinstance(value, dict) and value:
        for name, entry in value.items():
            yield from _paths(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for entry in value:
            yield from _paths(entry, path)
    elif path:
        yield path


def _is_known(path: str, known: Iterable[str]) -> bool:
    # What is empty has no path of its own, but one that others begin with.
    return any(
        path == one or one.startswith(f"{path}.") or path.startswith(one.removesuffix("*"))
        if one.endswith(".*")
        else path == one or one.startswith(f"{path}.")
        for one in known
    )


def check_tags(tags: dict[str, str]) -> None:
    if len(tags) > 50:
        raise Refused(400, "TooManyTags", f"{len(tags)} tags were specified; at most 50 may be.")
    for name, value in tags.items():
        if not name or len(name) > 512 or set(name) & set("<>%&\\?/"):
            raise Refused(400, "InvalidTagName", f"The tag name '{name[:80]}' is invalid.")
        if len(value) > 256:
            message = f"Tag value too large. The value of '{name}' must not exceed 256 characters."
            raise Refused(400, "InvalidTagValueLength", message)


def region(name: str) -> str:
    """As Azure compares regions: "West Europe" is westeurope."""
    found = name.replace(" ", "").lower()
    if found not in REGIONS:
        message = f"The provided location '{name}' is not available for the resource type."
        raise Refused(400, "LocationNotAvailableForResourceType", message)
    return found


def now() -> str:
    return datetime.now(UTC).isoformat()
