"""Records are objects of the bucket, named by their checksum, which their image has as a tag."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bakery.oci import clients
from bakery.oci.bucket import RECORDS, Bucket
from bakery.oci.images import Image
from bakery.records.documents import Document
from images.errors import BakeryError
from images.record import BakeRecord, VerificationRecord
from images.tags import RECORD, VERIFICATION

_Record = TypeVar("_Record", bound=BaseModel)


def record_object(bake: str, checksum: str) -> str:
    """Return the object of a bake's record, whose checksum is named by the image."""
    return f"{RECORDS}{bake}-{checksum[:12]}.json"


def record_of(bucket: Bucket, image: Image) -> BakeRecord | None:
    """The record that an image names, if it is complete. Raises BakeryError for a bad one."""
    checksum = image.tags.get(RECORD)
    if checksum is None:
        return None
    with clients.translate_errors(f"reading the record of {image.name}"):
        record = _read(bucket, record_object(image.name, checksum), checksum, BakeRecord)
    if record is None:
        raise BakeryError(
            f"the record of {image.name} is damaged or gone: the bucket {bucket.name} in "
            f"{bucket.region} has none with the checksum that the image names. Delete that image "
            "and run again"
        )
    return record


def verification_of(bucket: Bucket, image: Image, digest: str) -> VerificationRecord | None:
    """The record of these checks, if the image names that. A damaged one costs a boot, no more."""
    checksum = image.tags.get(VERIFICATION)
    if checksum is None:
        return None
    with clients.translate_errors(f"reading the verification of {image.name}"):
        key = _verification_object(image.name, checksum)
        record = _read(bucket, key, checksum, VerificationRecord)
    return record if record and record.digest == digest else None


def keep_record(bucket: Bucket, bake: str, document: Document) -> str:
    """Keeps it, and returns the checksum that the image is to name."""
    checksum = _checksum(document.body)
    bucket.put(replace(document, key=record_object(bake, checksum)))
    return checksum


def keep_verification(bucket: Bucket, bake: str, document: Document) -> str:
    """The same for what was verified."""
    checksum = _checksum(document.body)
    bucket.put(replace(document, key=_verification_object(bake, checksum)))
    return checksum


def _verification_object(bake: str, checksum: str) -> str:
    return f"{RECORDS}{bake}-verified-{checksum[:12]}.json"


def _checksum(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _read(bucket: Bucket, key: str, checksum: str, model: type[_Record]) -> _Record | None:
    text = bucket.text(key)
    if text is None or _checksum(text.encode()) != checksum:
        return None
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return None
