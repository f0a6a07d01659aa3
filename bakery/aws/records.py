"""Content of an account: the AMI of a bake, and the record that it carries as tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bakery.aws.amis import Ami, named
from bakery.records.tags import from_tags
from images.errors import BakeryError, Damaged
from images.record import BakeRecord
from images.tags import RECORD

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def content_of(client: EC2Client, region: str, bake: str) -> Ami | None:
    """The AMI of a bake, complete or not. Raises BakeryError where there are several."""
    found = named(client, bake)
    if len(found) > 1:
        every = ", ".join(ami.id for ami in found)
        raise BakeryError(
            f"{region} has {len(found)} AMIs named {bake} ({every}); deregister all but the one "
            "that carries the record, and run again"
        )
    return found[0] if found else None


def record_of(ami: Ami, region: str) -> BakeRecord | None:
    """The record of content; None if it was never completed. Raises BakeryError for a bad one."""
    try:
        return from_tags(RECORD, ami.tags, BakeRecord)
    except Damaged as error:
        raise BakeryError(
            f"the record of {ami.name} ({ami.id} in {region}) is damaged: {error}. Deregister that "
            "AMI and run again"
        ) from None
