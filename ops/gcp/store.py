"""A stack's bucket of Cloud Storage."""

from typing import Any

from bakery.gcp import clients
from bakery.gcp.documents import put
from bakery.records.documents import Document
from config.gcp import Gcp
from images.gcp import GcpProject
from images.storage import gcp_bucket


class GcpDocuments:
    """That of a stack in the project."""

    def __init__(self, chosen: Gcp, stack: str) -> None:
        self._project = GcpProject(project=chosen.project, endpoint=chosen.endpoint)
        self._bucket = gcp_bucket(stack, chosen.project)

    def get(self, key: str) -> bytes | None:
        with clients.translate_errors(f"reading gs://{self._bucket}/{key}"):
            objects = clients.storage(self._project).objects()
            # Of media, the library returns the bytes.
            found: Any = clients.find(objects.get_media(bucket=self._bucket, object=key))
            return found

    def put(self, document: Document) -> None:
        with clients.translate_errors(f"writing gs://{self._bucket}/{document.key}"):
            put(self._project, self._bucket, document)
