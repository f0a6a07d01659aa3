"""The stack's bucket: records, package lists, bills of materials and logs, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bakery.records.documents import Document

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def put(s3: S3Client, bucket: str, document: Document) -> None:
    """Keeps it under its key. Raises what botocore raises."""
    s3.put_object(
        Bucket=bucket,
        Key=document.key,
        Body=document.body,
        ContentType=document.content_type,
    )
