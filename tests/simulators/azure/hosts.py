"""The real names of Azure's services, under which azure_proxy.py leads to the simulated ones."""

import re
from dataclasses import replace

from tests.simulators.azure.shapes import Refused, Request

_RESOURCES, _LOGIN, _BLOBS = (
    "management.azure.com",
    "login.microsoftonline.com",
    "blob.core.windows.net",
)
#: As a certificate has them.
NAMES = (_RESOURCES, _LOGIN, f"*.{_BLOBS}")

_ACCOUNT = re.compile(rf"(?P<account>[a-z0-9]{{3,24}})\.{re.escape(_BLOBS)}")
#: What begins the paths of a service that has one name.
_BEGINS = {
    _RESOURCES: re.compile(r"/subscriptions/", re.IGNORECASE),
    _LOGIN: re.compile(r"/[^/]+/(oauth2|v2\.0|discovery)/"),
}


def is_served(name: str) -> bool:
    return name in _BEGINS or _ACCOUNT.fullmatch(name) is not None


def addressed(request: Request) -> Request:
    """The request as it is where all services have one address. Raises Refused."""
    host = request.headers.get("Host") or ""
    if found := _ACCOUNT.fullmatch(host):
        return replace(request, path=f"/{found['account']}{request.path}")
    if host in _BEGINS and not _BEGINS[host].match(request.path):
        raise Refused(404, "NotFound", f"{host} has no {request.method} {request.path}")
    return request


def renamed(text: str, address: str, host: str) -> str:
    """An answer's text, in which this server goes by the name by which it was asked."""
    return text.replace(address, f"https://{host}") if is_served(host) else text
