"""The stack's bucket: records, package lists, bills of materials and logs, for people to read."""

# Google's client has no types.
# pyright: reportMissingTypeStubs=false

from io import BytesIO

from googleapiclient.http import MediaIoBaseUpload

from bakery.gcp import clients
from bakery.records.documents import Document
from images.errors import BakeryError
from images.gcp import GcpProject


def put(project: GcpProject, bucket: str, document: Document) -> None:
    """Keeps it under its key. Raises BakeryError, and what `translate_errors` turns into one."""
    media = MediaIoBaseUpload(BytesIO(document.body), mimetype=document.content_type)
    objects = clients.storage(project).objects()
    try:
        clients.ask(objects.insert(bucket=bucket, name=document.key, media_body=media))
    except clients.Refused as error:
        raise BakeryError(
            f"the bucket {bucket} does not take {document.key} ({error.status} "
            f"{error.message}); "
            "docs/gcp.md says which permissions it needs"
        ) from None
