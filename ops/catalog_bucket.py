"""A bucket of S3 that others read the catalog from.

A PUT replaces an object as a whole, and who reads gets the one or the other ("Amazon S3 data
consistency model", Amazon S3 User Guide). Over several objects there is nothing of the kind, so
that their order matters to whoever calls.
"""

from botocore.exceptions import ClientError

from bakery.aws import clients
from bakery.records.documents import Document
from config.aws import Aws
from images.aws import AwsAccount
from ops.documents import CONTRACTS

_FOR_EVER = "public, max-age=31536000, immutable"
#: Five minutes: how long after a release somebody may still see the one before.
_SOON = "public, max-age=300"


class CatalogBucket:
    """The bucket of `bucket/folder`, as the stack's file has it."""

    def __init__(self, chosen: Aws) -> None:
        assert chosen.catalog
        self._bucket, _, self._folder = chosen.catalog.partition("/")
        self._s3 = clients.s3(AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint))

    def __str__(self) -> str:
        return f"s3://{self._bucket}{'/' if self._folder else ''}{self._folder}"

    def put(self, document: Document) -> bool:
        """Whether it had to be written: the same bytes and headers are left as they are."""
        key = f"{self._folder}/{document.key}".lstrip("/")
        cache = _FOR_EVER if document.key.startswith(CONTRACTS) else _SOON
        if self._has(key, document, cache):
            return False
        self._s3.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=document.body,
            ContentType=document.content_type,
            CacheControl=cache,
            # S3 keeps nothing that has changed on its way.
            ChecksumAlgorithm="SHA256",
        )
        return True

    def _has(self, key: str, document: Document, cache: str) -> bool:
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if clients.code(error) == "NoSuchKey":
                return False
            raise
        headers = (found.get("ContentType"), found.get("CacheControl"))
        return headers == (document.content_type, cache) and found["Body"].read() == document.body
