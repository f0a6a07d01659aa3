"""Signatures of requests ("Request Signatures", Oracle Cloud Infrastructure Documentation).

The headers that are named are signed in their order, with RSA and SHA-256; a body is signed by its
digest, but for PutObject, which signs none.
"""

import base64
import hashlib
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.simulators.oci.shapes import Refused, Request

_ALWAYS = {"date", "(request-target)", "host"}
_OF_BODY = {"content-length", "content-type", "x-content-sha256"}
_PUT_OBJECT = re.compile(r"/n/[^/]+/b/[^/]+/o/.+")


def verify(request: Request, keys: Mapping[str, RSAPublicKey]) -> str:
    """Who signed it, as `tenancy/user/fingerprint`. Raises Refused with 401."""
    given = request.headers.get("authorization") or ""
    parts = dict(re.findall(r'(\w+)="([^"]*)"', given))
    if not given.startswith("Signature ") or parts.get("algorithm") != "rsa-sha256":
        raise _refused("it has no signature")
    key = keys.get(parts.get("keyId", ""))
    if key is None:
        raise _refused("nobody has that key")
    names = parts["headers"].split()
    wanted = _ALWAYS | (_OF_BODY if _has_body(request) else set())
    if missing := wanted - set(names):
        raise _refused(f"it does not sign {', '.join(sorted(missing))}")
    text = "\n".join(f"{name}: {_value(request, name)}" for name in names)
    try:
        key.verify(base64.b64decode(parts["signature"]), text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _refused("its signature is of something else") from None
    digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    if "x-content-sha256" in names and request.headers.get("x-content-sha256") != digest:
        raise _refused("its body is another than the one that was signed")
    return parts["keyId"]


def _has_body(request: Request) -> bool:
    put_object = request.method == "PUT" and _PUT_OBJECT.fullmatch(request.path)
    return request.method in ("POST", "PUT") and not put_object


def _value(request: Request, name: str) -> str:
    if name == "(request-target)":
        return f"{request.method.lower()} {request.target}"
    return request.headers.get(name) or ""


def _refused(why: str) -> Refused:
    return Refused(
        401, "NotAuthenticated", f"The required information to complete authentication: {why}"
    )
