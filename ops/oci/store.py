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
        """Refuses it: an image names its record by checksum, so a record cannot be changed."""
        raise UserError(
            f"{self._bucket.region}: an image names its record by checksum, so the record stays as "
            "it is, and nothing is put beside it"
        )

    def _kept(self, key: str) -> str:
        """The key in the bucket: that of a record has the checksum which its image names."""
        if not key.startswith(RECORDS):
            return key
        bake = key.removeprefix(RECORDS).removesuffix(".json")
        content = self._images.complete(bake)
        return record_object(bake, content.tags[RECORD]) if content else key
