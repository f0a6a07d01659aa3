"""The stack's bucket: records, package lists and logs, for people to read."""

from urllib.parse import quote

from google.auth.transport.requests import AuthorizedSession

from bakery.errors import BakeryError
from bakery.gcp.clients import credentials
from images.targets import GcpTarget

_API = "https://storage.googleapis.com"
_SECONDS = 60


def put(target: GcpTarget, key: str, text: str) -> None:
    """Keeps a text under a key. Raises BakeryError, and what google.auth and requests raise."""
    session = AuthorizedSession(credentials(target))
    bucket = quote(target.bucket, safe="")
    answer = session.post(
        f"{target.endpoint or _API}/upload/storage/v1/b/{bucket}/o",
        params={"uploadType": "media", "name": key},
        data=text.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        timeout=_SECONDS,
    )
    if answer.status_code >= 400:
        raise BakeryError(
            f"the bucket {target.bucket} does not take {key} ({answer.status_code} "
            f"{answer.reason}); docs/gcp.md says which permissions it needs"
        )
