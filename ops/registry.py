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
    host = urlsplit(address).netloc
    url = f"{address}/v2/{path}/manifests/{tag}"
    try:
        answer = _head(url)
        if answer.status_code == 401:
            token = _token(answer.headers.get("WWW-Authenticate", ""))
            answer = _head(url, Authorization=f"Bearer {token}")
    except (requests.ConnectionError, requests.Timeout):
        raise UserError(f"{image}: {host} cannot be reached from here") from None
    except (requests.RequestException, ValueError) as error:
        raise UserError(f"{image}: {host} does not answer: {error}") from None
    digest = answer.headers.get("Docker-Content-Digest", "")
    if answer.status_code in (401, 403, 404):
        raise UserError(f"{image}: {host} has no such image for everyone")
    if answer.status_code == 429:
        raise UserError(f"{image}: {host} answers no more for now; run again in an hour")
    if not answer.ok or not _DIGEST.fullmatch(digest):
        raise UserError(f"{image}: {host} answers {answer.status_code} instead")
    return digest


def _head(url: str, **more: str) -> requests.Response:
    """Some registries send on to another host, which HEAD does not follow by itself."""
    headers = {"Accept": _TYPES, **more}
    return requests.head(url, headers=headers, timeout=_SECONDS, allow_redirects=True)


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
