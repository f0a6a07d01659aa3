"""Snapshots of copies that are gone.

Whoever removes a copy deregisters its AMI and deletes its snapshot. Where the second fails, the
provider of Pulumi finds no AMI the next time, takes the copy for removed and leaves the snapshot
(terraform-provider-aws, ec2_ami.go, `resourceAMIDelete`), which EC2 keeps and charges for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bakery.aws.amis import own
from bakery.aws.clients import code
from bakery.progress import Progress
from images.tags import STACK

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

#: How EC2 describes the snapshots of a copy of an AMI. It is in no reference, but in what
#: DescribeSnapshots answers (redhat-performance/cloud-governance, zombie_snapshots.py, goes by it).
_COPIED = re.compile(r"Copied for DestinationAmi (?P<ami>ami-[0-9a-f]+) .*")


@dataclass(frozen=True)
class LostSnapshot:
    """One whose AMI was the stack's copy in the region, and is there no more."""

    region: str
    id: str
    ami: str

    def __str__(self) -> str:
        return f"snapshot {self.id} in {self.region}, of a copy that is gone ({self.ami})"


def lost_snapshots(client: EC2Client, region: str, stack: str) -> list[LostSnapshot]:
    """Return those that have the stack's mark and name an AMI that the account no longer has.

    One that is disabled is there, and its snapshot is needed when it is enabled again.
    """
    marked = client.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"], Filters=[{"Name": f"tag:{STACK}", "Values": [stack]}]
    )
    copies = {
        snapshot.get("SnapshotId", ""): copied["ami"]
        for page in marked
        for snapshot in page["Snapshots"]
        if (copied := _COPIED.fullmatch(snapshot.get("Description", "")))
    }
    if not copies:
        return []
    # Looked at afterwards: whatever is made meanwhile is among them.
    there = own(client)
    needed = {ami.id for ami in there} | {id for ami in there for id in ami.snapshots}
    return [LostSnapshot(region, id, ami) for id, ami in copies.items() if not {id, ami} & needed]


def remove_lost(client: EC2Client, lost: LostSnapshot, progress: Progress) -> None:
    """Deletes it. EC2 refuses that of a snapshot which an AMI has."""
    progress.say(f"removing {lost}")
    try:
        client.delete_snapshot(SnapshotId=lost.id)
    except ClientError as error:
        if code(error) != "InvalidSnapshot.NotFound":
            raise
