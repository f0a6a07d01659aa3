"""Blob storage, each account below a path of its own."""

import re
from collections.abc import Callable

from tests.simulators.azure.resources import Resources
from tests.simulators.azure.roles import Roles
from tests.simulators.azure.shapes import Answer, Refused, Request, check_query
from tests.simulators.azure.storage import ACCOUNT, CONTAINER

_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_PATH = re.compile(r"/(?P<account>[a-z0-9]{3,24})/(?P<container>[^/]+)(/(?P<blob>.+))?")
_SENT = {"ETag": '"0x8DC0"', "Last-Modified": "Mon, 01 Sep 2025 00:00:00 GMT"}


class BlobRefused(Refused):
    def answer(self) -> Answer:
        text = f"<Code>{self.code}</Code><Message>{self}</Message>"
        body = f'<?xml version="1.0" encoding="utf-8"?><Error>{text}</Error>'
        headers = {"x-ms-error-code": self.code, "Content-Type": "application/xml"}
        return Answer(body, self.status, headers)


class Blobs:
    def __init__(self, resources: Resources, roles: Roles) -> None:
        self._resources, self._roles = resources, roles
        self._texts: dict[tuple[str, str], dict[str, str]] = {}

    def objects(self, account: str, container: str) -> dict[str, str]:
        """The texts of a container, by name."""
        self._check_container(account, container)
        return self._texts.setdefault((account, container), {})

    def call(self, request: Request, who: str) -> Answer:
        """`who`: the object id of a principal, which its roles have to allow this."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            raise BlobRefused(400, "InvalidUri", f"{request.path} is no blob's path.")
        self._authorize(request, who, found["account"], found["container"], found["blob"])
        texts = self.objects(found["account"], found["container"])
        answers: dict[tuple[str, bool], Callable[[], Answer]] = {
            ("GET", False): lambda: _container(request),
            ("HEAD", False): lambda: _container(request),
            ("GET", True): lambda: _get(texts, found["blob"], request),
            ("PUT", True): lambda: _put(texts, found["blob"], request),
        }
        answer = answers.get((request.method, found["blob"] is not None))
        if answer is None:
            message = f"the simulated Azure has no {request.method} {request.path}"
            raise BlobRefused(400, "UnsupportedHttpVerb", message)
        return answer()

    def _authorize(
        self, request: Request, who: str, account: str, container: str, blob: str | None
    ) -> None:
        """Blobs are data, which an owner's `*` is not about; the container is not ("Authorize with
        Microsoft Entra ID", permissions for Blob service operations)."""
        ids = [one["id"] for one in self._resources.of(ACCOUNT) if one["name"] == account]
        scope = f"{ids[0] if ids else ''}/blobServices/default/containers/{container}"
        verb = "read" if request.method in ("GET", "HEAD") else "write"
        action = f"{_CONTAINERS}/blobs/{verb}" if blob else f"{_CONTAINERS}/{verb}"
        if ids and not self._roles.allows(who, action, scope, data=blob is not None):
            message = "This request is not authorized to perform this operation."
            raise BlobRefused(403, "AuthorizationPermissionMismatch", message)

    def _check_container(self, account: str, container: str) -> None:
        names = [one["name"] for one in self._resources.of(ACCOUNT)]
        if account not in names:
            raise BlobRefused(404, "ResourceNotFound", f"There is no account {account}.")
        place = f"/storageAccounts/{account}/blobServices/default/containers/{container}"
        there = [one for one in self._resources.of(CONTAINER) if one["id"].endswith(place)]
        if not there:
            raise BlobRefused(404, "ContainerNotFound", "The specified container does not exist.")


def _container(request: Request) -> Answer:
    check_query(request, {"restype", "timeout"})
    if request.query.get("restype") != "container":
        raise BlobRefused(400, "InvalidQueryParameterValue", "restype has to be container.")
    return Answer("", headers=dict(_SENT))


def _put(texts: dict[str, str], blob: str, request: Request) -> Answer:
    check_query(request, {"timeout"})
    if request.headers.get("x-ms-blob-type") != "BlockBlob":
        raise BlobRefused(400, "InvalidHeaderValue", "x-ms-blob-type has to be BlockBlob.")
    if request.headers.get("If-None-Match") == "*" and blob in texts:
        raise BlobRefused(409, "BlobAlreadyExists", "The specified blob already exists.")
    texts[blob] = request.body.decode(errors="surrogateescape")
    return Answer("", 201, {**_SENT, "x-ms-request-server-encrypted": "true"})


def _get(texts: dict[str, str], blob: str, request: Request) -> Answer:
    """The library asks for the first 32 MiB ("Get Blob", `x-ms-range`), which is all of it here."""
    check_query(request, {"timeout"})
    if blob not in texts:
        raise BlobRefused(404, "BlobNotFound", "The specified blob does not exist.")
    size = len(texts[blob].encode(errors="surrogateescape"))
    sent = {"Content-Range": f"bytes 0-{size - 1}/{size}", "x-ms-blob-type": "BlockBlob"}
    return Answer(texts[blob], 206, {**_SENT, **sent})
