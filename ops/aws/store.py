"""A stack's bucket of S3."""

from botocore.exceptions import ClientError

from bakery.aws import clients
from bakery.aws.documents import put
from bakery.records.documents import Document
from config.aws import Aws
from images.aws import AwsAccount
from images.storage import aws_bucket

#: Without `s3:ListBucket` S3 says of what is not there that it may not be read.
_ABSENT = {"NoSuchKey", "NoSuchBucket"}


class AwsDocuments:
    """That of a stack in the account of the credentials."""

    def __init__(self, chosen: Aws, stack: str) -> None:
        target = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)
        with clients.translate_errors(f"looking for the bucket of {stack}"):
            self._bucket = aws_bucket(stack, clients.account(target))
            self._s3 = clients.s3(target)

    def get(self, key: str) -> bytes | None:
        with clients.translate_errors(f"reading s3://{self._bucket}/{key}"):
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if clients.code(error) in _ABSENT:
                    return None
                raise

    def put(self, document: Document) -> None:
        with clients.translate_errors(f"writing s3://{self._bucket}/{document.key}"):
            put(self._s3, self._bucket, document)
