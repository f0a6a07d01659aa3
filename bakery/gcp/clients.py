"""Google's clients, how they are asked, and their errors in words."""

# Google's client has no types: what it answers is plain JSON.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false

from __future__ import annotations

import json
import logging
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

import google.auth
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import (
    DefaultCredentialsError,
    GoogleAuthError,
    RefreshError,
    TransportError,
)
from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from httplib2 import HttpLib2Error
from tenacity import Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random_exponential

from images.errors import BakeryError
from images.gcp import GcpProject

#: An object of an API, as it is written there.
Json = dict[str, Any]
#: Seconds for which what passes is asked again.
PATIENCE = 120.0
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
#: Compute Engine says with 403 that it is asked too often ("API rate quotas").
_TOO_MUCH = re.compile(rb"rateLimitExceeded|Quota exceeded for quota metric", re.IGNORECASE)

# It warns of every 403 on standard error, where progress is; here errors are told by who asks.
logging.getLogger("googleapiclient").setLevel(logging.ERROR)


class OperationFailed(Exception):
    """A change that Compute Engine had accepted, and then could not make."""


class Unreachable(Exception):
    """Google did not answer."""


class Refused(Exception):
    """What Google answered instead of what it was asked for."""

    def __init__(self, status: int, address: str, message: str, content: bytes) -> None:
        super().__init__(f"{status} {address}: {message}")
        self.status, self.message = status, message
        self.passes = (
            status >= 500
            or status == 429
            or (status == 403 and _TOO_MUCH.search(content) is not None)
        )


def compute(of: GcpProject) -> Any:
    """Machines, disks and images. Its description has megabytes: once in a process is enough."""
    return _service(of, "compute")


def storage(of: GcpProject) -> Any:
    """Buckets."""
    return _service(of, "storage")


def resource_manager(of: GcpProject) -> Any:
    """Projects, and what their organisation forbids."""
    return _service(of, "cloudresourcemanager")


def _service(of: GcpProject, name: str) -> Any:
    library: Any = discovery
    # Comes with the library: nothing is downloaded.
    text = get_static_doc(name, "v1")
    assert text
    document: Json = json.loads(text)
    if of.endpoint is not None:
        document["rootUrl"] = f"{of.endpoint}/"
    return library.build_from_document(document, credentials=_credentials(of))


def _credentials(of: GcpProject) -> Credentials:
    """Return the environment's credentials; an endpoint of one's own asks for none."""
    if of.endpoint is not None:
        return AnonymousCredentials()
    library: Any = google.auth
    return library.default(scopes=[_SCOPE])[0]


def ask(request: Any) -> Json:
    """What Google answers. What passes is asked again with growing pauses.

    Raises Refused, Unreachable, and what google.auth raises.
    """
    asking = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_delay(PATIENCE),
        wait=wait_random_exponential(multiplier=0.5, max=15),
        reraise=True,
    )
    return asking(_once, request)


def find(request: Any) -> Json | None:
    """The same; None if what it is about does not exist."""
    try:
        return ask(request)
    except Refused as error:
        if error.status == 404:
            return None
        raise


def every(collection: Any, **where: str) -> Iterator[Json]:
    """All that a collection lists there, page by page."""
    request = collection.list(**where)
    while request is not None:
        page = ask(request)
        yield from page.get("items", [])
        request = collection.list_next(request, page)


def _once(request: Any) -> Json:
    try:
        return request.execute()
    except HttpError as error:
        answer: Any = error
        # What comes behind the path is the library's own.
        address = answer.uri.partition("?")[0]
        raise Refused(answer.status_code, address, answer.reason, answer.content) from None
    except (HttpLib2Error, HTTPException, OSError) as error:
        raise Unreachable(f"Google does not answer: {error}") from None


def _passes(error: BaseException) -> bool:
    return isinstance(error, Unreachable | TransportError) or (
        isinstance(error, Refused) and error.passes
    )


@contextmanager
def translate_errors(where: str) -> Generator[None]:
    """Turns what Google refuses into a BakeryError that says what can be done."""
    try:
        yield
    except DefaultCredentialsError:
        raise BakeryError(
            "there are no credentials for Google Cloud; run `gcloud auth application-default "
            "login`, or set GOOGLE_APPLICATION_CREDENTIALS, and run again"
        ) from None
    except RefreshError as error:
        raise BakeryError(
            f"{where}: the credentials for Google Cloud cannot be renewed ({error}); log in again "
            "and run again"
        ) from None
    except (GoogleAuthError, OperationFailed, Unreachable) as error:
        raise BakeryError(f"{where}: {error}") from None
    except Refused as error:
        raise BakeryError(f"{where}: {_words(error)}") from None


def _words(error: Refused) -> str:
    if error.status == 401:
        return f"Google does not know these credentials ({error.message}); check them and run again"
    if error.status == 403:
        return (
            f"these credentials may not do this ({error.message}); docs/gcp.md says what is needed "
            "and why"
        )
    return str(error)
