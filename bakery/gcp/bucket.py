"""The stack's bucket: records, package lists and logs, for people to read."""

# Google's client has no types.
# pyright: reportMissingTypeStubs=false

from io import BytesIO

from googleapiclient.http import MediaIoBaseUpload

from bakery.gcp import clients
from images.errors import BakeryError
from images.targets import GcpTarget


def put(target: GcpTarget, key: str, text: str) -> None:
    """Keeps a text under a key. Raises BakeryError, and what `clients.told` tells."""
    media = MediaIoBaseUpload(BytesIO(text.encode()), mimetype="text/plain; charset=utf-8")
    objects = clients.storage(target).objects()
    try:
        clients.ask(objects.insert(bucket=target.bucket, name=key, media_body=media))
    except clients.Refused as error:
        raise BakeryError(
            f"the bucket {target.bucket} does not take {key} ({error.status} {error.message}); "
            "docs/gcp.md says which permissions it needs"
        ) from None
