"""Blob storage, each account below a path of its own."""

import re
from collections.abc import Callable

from azure_login import PERSON
from azure_resources import Resources
from azure_shapes import Answer, Refused, Request, check_query
from azure_storage import ACCOUNT, CONTAINER

_PATH = re.compile(r"/(?P<account>[a-z0-9]{3,24})/(?P<container>[^/]+)(/(?P<blob>.+))?")
_SENT = {"ETag": '"0x8DC0"', "Last-Modified": "Mon, 01 Sep 2025 00:00:00 GMT"}


class BlobRefused(Refused):
    def answer(self) -> Answer:
        text = f"<Code>{self.code}</Code><Message>{self}</Message>"
        body = f'<?xml version="1.0" encoding="utf-8"?><Error>{text}</Error>'
        headers = {"x-ms-error-code": self.code, "Content-Type": "application/xml"}
        return Answer(body, self.status, headers)


class Blobs:
    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        #: Whether the person lacks a role that lets it read and write.
        self.denied = False
        self._texts: dict[tuple[str, str], dict[str, str]] = {}

    def objects(self, account: str, container: str) -> dict[str, str]:
        """The texts of a container, by name."""
        self._check_container(account, container)
        return self._texts.setdefault((account, container), {})

    def call(self, request: Request, client: str) -> Answer:
        found = _PATH.fullmatch(request.path)
        if found is None:
            raise BlobRefused(400, "InvalidUri", f"{request.path} is no blob's path.")
        if self.denied and client == PERSON:
            message = "This request is not authorized to perform this operation."
            raise BlobRefused(403, "AuthorizationPermissionMismatch", message)
        texts = self.objects(found["account"], found["container"])
        answers: dict[tuple[str, bool], Callable[[], Answer]] = {
            ("GET", False): lambda: _container(request),
            ("HEAD", False): lambda: _container(request),
            ("PUT", True): lambda: _put(texts, found["blob"], request),
        }
        answer = answers.get((request.method, found["blob"] is not None))
        if answer is None:
            message = f"the simulated Azure has no {request.method} {request.path}"
            raise BlobRefused(400, "UnsupportedHttpVerb", message)
        return answer()

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
    texts[blob] = request.body.decode()
    return Answer("", 201, {**_SENT, "x-ms-request-server-encrypted": "true"})
