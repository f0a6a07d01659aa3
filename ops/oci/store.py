"""The bucket of content in the home region, which is that of all stacks."""

from bakery.oci import clients
from bakery.oci.bucket import RECORDS, Bucket
from bakery.oci.images import Images
from bakery.oci.records import record_object
from bakery.records.documents import Document
from config.oci import Oci
from images.errors import UserError
from images.tags import RECORD


class OciDocuments:
    """Documents of a compartment's bakes."""

    def __init__(self, chosen: Oci, _stack: str) -> None:
        region, access = chosen.home_region, clients.access()
        self._bucket = Bucket(access, region, chosen.compartment, chosen.bucket)
        self._images = Images(access, region, chosen.compartment)

    def get(self, key: str) -> bytes | None:
        bucket = self._bucket
        with clients.translate_errors(f"reading {key} of {bucket.name} in {bucket.region}"):
            kept = self._kept(key)
            found = clients.find(bucket.client.get_object, bucket.namespace, bucket.name, kept)
            return found.data.content if found else None

    def put(self, document: Document) -> None:
        bucket = self._bucket
        with clients.translate_errors(f"writing {document.key} of {bucket.name}"):
            if document.key.startswith(RECORDS):
                raise UserError(
                    f"{bucket.region}: a record is named by its image, and stays as it is"
                )
            bucket.put(document)

    def _kept(self, key: str) -> str:
        """The key in the bucket: that of a record has the checksum which its image names."""
        if not key.startswith(RECORDS):
            return key
        bake = key.removeprefix(RECORDS).removesuffix(".json")
        content = self._images.complete(bake)
        return record_object(bake, content.tags[RECORD]) if content else key
