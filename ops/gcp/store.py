"""A stack's bucket of Cloud Storage."""

from typing import Any

from bakery.gcp import bucket, clients
from bakery.records.documents import Document
from config.gcp import Gcp
from images.storage import gcp_bucket
from ops.gcp.target import gcp_target


class GcpDocuments:
    """That of a stack in the project."""

    def __init__(self, chosen: Gcp, stack: str) -> None:
        target = gcp_target(chosen.project, chosen.zone, chosen.endpoint)
        self._target = target.model_copy(update={"bucket": gcp_bucket(stack, chosen.project)})

    def get(self, key: str) -> bytes | None:
        with clients.translate_errors(f"reading gs://{self._target.bucket}/{key}"):
            objects = clients.storage(self._target).objects()
            # Of media, the library returns the bytes.
            found: Any = clients.find(objects.get_media(bucket=self._target.bucket, object=key))
            return found

    def put(self, document: Document) -> None:
        with clients.translate_errors(f"writing gs://{self._target.bucket}/{document.key}"):
            bucket.put(self._target, document)
