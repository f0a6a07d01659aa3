"""The bucket of content in the home region, which is that of all stacks."""

from bakery.oci import clients
from bakery.oci.bucket import Bucket
from bakery.records.documents import Document
from config.oci import Oci


class OciDocuments:
    """Documents of a compartment's bakes."""

    def __init__(self, chosen: Oci, _stack: str) -> None:
        region = chosen.home_region
        self._bucket = Bucket(clients.access(), region, chosen.compartment, chosen.bucket)

    def get(self, key: str) -> bytes | None:
        bucket = self._bucket
        with clients.translate_errors(f"reading {key} of {bucket.name} in {bucket.region}"):
            found = clients.find(bucket.client.get_object, bucket.namespace, bucket.name, key)
            return found.data.content if found else None

    def put(self, document: Document) -> None:
        bucket = self._bucket
        with clients.translate_errors(f"writing {document.key} of {bucket.name}"):
            bucket.put(document)
