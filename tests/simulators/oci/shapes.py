"""Requests and answers of Oracle's APIs ("REST APIs", Oracle Cloud Infrastructure)."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any

Json = dict[str, Any]

TENANCY = "ocid1.tenancy.oc1..aaaaaaaatenancy"
COMPARTMENT = "ocid1.compartment.oc1..aaaaaaaacompartment"
HOME = "eu-frankfurt-1"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Request:
    """`target` is the path with its query as sent, which is signed; `path` is decoded."""

    method: str
    host: str
    target: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes

    def json(self, *known: str) -> Json:
        """The body. A field that is not among the known ones is a mistake of whoever asks."""
        try:
            given: Json = json.loads(self.body)
        except ValueError:
            raise Refused(400, "InvalidParameter", "the body is no JSON") from None
        if wrong := sorted(set(given) - set(known)):
            raise Refused(400, "InvalidParameter", f"unknown fields: {', '.join(wrong)}")
        return given


@dataclass(frozen=True)
class Answer:
    """`body` is None, text as it is, or what JSON can say."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Refused(Exception):
    """An error as the APIs have it: a status, a code, a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def answer(self) -> Answer:
        return Answer({"code": self.code, "message": str(self)}, self.status)


def absent(what: str) -> Refused:
    """What is not there and what nobody may see are answered alike."""
    return Refused(
        404,
        "NotAuthorizedOrNotFound",
        f"Authorization failed or requested resource not found: {what}",
    )


def ocid(kind: str, region: str = "") -> str:
    """A new identifier."""
    return f"ocid1.{kind}.oc1.{region}.aaaaaaaa{next(_NUMBERS):08d}"


def etag() -> str:
    return f"etag-{next(_NUMBERS)}"


def now() -> str:
    """Later than every earlier one, so that what is oldest can be told."""
    moment = datetime.now(UTC).replace(microsecond=next(_NUMBERS) % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def page(every: list[Json], request: Request, *, first_empty: bool = True, size: int = 2) -> Answer:
    """Few at a time; the first page is empty while more follow (dstack's issues 1406 and 1407)."""
    at = request.query.get("page", "")
    if not at and first_empty:
        return Answer([], headers={"opc-next-page": "0"})
    start = int(at or 0)
    more = {"opc-next-page": str(start + size)} if start + size < len(every) else {}
    return Answer(every[start : start + size], headers=more)


def only(request: Request, *known: str) -> None:
    """A query that is not known is a mistake of whoever asks."""
    if wrong := sorted(set(request.query) - {*known, "page", "limit"}):
        raise Refused(400, "InvalidParameter", f"unknown in the query: {', '.join(wrong)}")


def must_match(request: Request, thing: Json) -> None:
    """Refuses a change of what has been changed by somebody else since."""
    wanted = request.headers.get("if-match")
    if wanted and wanted != thing["etag"]:
        raise Refused(412, "NoEtagMatch", "The if-match header does not match the current etag")


def shown(thing: Json) -> Json:
    """Without what the simulator keeps for itself: all that begins with an underscore."""
    return {key: value for key, value in thing.items() if not key.startswith("_") and key != "etag"}


def check_tags(tags: Mapping[str, str]) -> None:
    """Ten free-form tags at most, 100 and 256 characters ("Tagging Overview", Limits on Tags)."""
    wrong = [
        key
        for key, value in tags.items()
        if not key or len(key) > 100 or "." in key or " " in key or len(value) > 256
    ]
    if wrong or len(tags) > 10:
        raise Refused(
            400, "InvalidParameter", f"freeformTags: {len(tags)} tags, not allowed: {wrong}"
        )
