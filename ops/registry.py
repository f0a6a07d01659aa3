"""Digests of tags, from the registry itself.

Source: OCI Distribution Specification, "Pulling manifests"; "Token Authentication Specification" of
Docker's Distribution. A name without a host is Docker Hub's.
"""

import re
from urllib.parse import urlsplit

import requests

from images.errors import UserError

_HUB, _HUB_API = "docker.io", "https://registry-1.docker.io"
_TYPES = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
#: Hosts that Docker speaks to without TLS.
_PLAIN = {"localhost", "127.0.0.1"}
_SECONDS = 30


def digest_of(image: str) -> str:
    """The digest of a tag now, of all architectures together. Raises UserError."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    address, path = _place(name)
    url = f"{address}/v2/{path}/manifests/{tag}"
    try:
        answer = requests.head(url, headers={"Accept": _TYPES}, timeout=_SECONDS)
        if answer.status_code == 401:
            token = _token(answer.headers.get("WWW-Authenticate", ""))
            headers = {"Accept": _TYPES, "Authorization": f"Bearer {token}"}
            answer = requests.head(url, headers=headers, timeout=_SECONDS)
    except (requests.RequestException, ValueError) as error:
        raise UserError(f"{image}: {urlsplit(address).netloc} does not answer: {error}") from None
    digest = answer.headers.get("Docker-Content-Digest", "")
    if answer.status_code in (401, 403, 404):
        raise UserError(f"{image}: {urlsplit(address).netloc} has no such image for everyone")
    if not answer.ok or not _DIGEST.fullmatch(digest):
        raise UserError(f"{image}: {urlsplit(address).netloc} answers {answer.status_code} instead")
    return digest


def _place(name: str) -> tuple[str, str]:
    """The registry's address and the image's path in it."""
    host, _, rest = name.partition("/")
    if not rest or not re.search(r"[.:]|^localhost$", host):
        return _HUB_API, name if rest else f"library/{name}"
    if host == _HUB:
        return _HUB_API, rest
    scheme = "http" if host.partition(":")[0] in _PLAIN else "https"
    return f"{scheme}://{host}", rest


def _token(challenge: str) -> str:
    """What everyone gets who asks. Raises ValueError for a challenge of another kind."""
    given = dict(_CHALLENGE.findall(challenge))
    if not challenge.startswith("Bearer ") or "realm" not in given:
        raise ValueError(f"it wants a login of an unknown kind ({challenge!r})")
    realm = given.pop("realm")
    answer = requests.get(realm, params=given, timeout=_SECONDS)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found.get("token") or found["access_token"]
