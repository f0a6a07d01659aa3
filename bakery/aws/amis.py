"""AMIs of the account, as the bakery needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from bakery.aws.clients import code
from bakery.whole import whole

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import ImageTypeDef, TagTypeDef


@dataclass(frozen=True)
class Ami:
    """One AMI. `created` and `deprecated` are dates and times that sort; "" is never.

    `disk_gb` is the size of its disks: EC2 keeps and charges for what of them was ever written.
    """

    id: str
    name: str
    owner: str
    state: str
    public: bool
    architecture: str
    root_device: str
    created: str
    deprecated: str
    tags: dict[str, str]
    snapshots: list[str]
    disk_gb: int

    @classmethod
    def of(cls, image: ImageTypeDef) -> Self:
        """Makes one from what DescribeImages says."""
        return cls(
            id=image.get("ImageId", ""),
            name=image.get("Name", ""),
            owner=image.get("OwnerId", ""),
            state=image.get("State", ""),
            public=image.get("Public", False),
            architecture=image.get("Architecture", ""),
            root_device=image.get("RootDeviceName", ""),
            created=image.get("CreationDate", ""),
            deprecated=image.get("DeprecationTime", ""),
            tags=plain(image.get("Tags", [])),
            snapshots=[
                snapshot
                for mapping in image.get("BlockDeviceMappings", [])
                if (snapshot := mapping.get("Ebs", {}).get("SnapshotId"))
            ],
            disk_gb=sum(
                mapping.get("Ebs", {}).get("VolumeSize", 0)
                for mapping in image.get("BlockDeviceMappings", [])
            ),
        )

    @property
    def is_deprecated(self) -> bool:
        """Whether EC2 hides it from lists that others than its owner ask for."""
        return bool(self.deprecated) and datetime.fromisoformat(self.deprecated) <= datetime.now(
            UTC
        )


def named(client: EC2Client, name: str, owner: str = "self") -> list[Ami]:
    """Return an owner's AMIs whose name matches, newest first."""
    return _described(client, Owners=[owner], Filters=[{"Name": "name", "Values": [name]}])


def with_tag(client: EC2Client, key: str) -> list[Ami]:
    """The account's own that have a tag, disabled ones too: EnableImage brings them back."""
    return _described(
        client,
        Owners=["self"],
        Filters=[{"Name": "tag-key", "Values": [key]}],
        IncludeDisabled=True,
    )


def public(client: EC2Client) -> list[Ami]:
    """The account's own that everyone may boot."""
    return _described(client, Owners=["self"], Filters=[{"Name": "is-public", "Values": ["true"]}])


def own(client: EC2Client) -> list[Ami]:
    """All of the account's, those included that DisableImage hides: they count as well."""
    return _described(client, Owners=["self"], IncludeDisabled=True)


def by_id(client: EC2Client, ami: str) -> Ami | None:
    """Anybody's, if this account may see it."""
    try:
        found = client.describe_images(ImageIds=[ami])["Images"]
    except ClientError as error:
        if code(error) in ("InvalidAMIID.NotFound", "InvalidAMIID.Malformed"):
            return None
        raise
    return Ami.of(found[0]) if found else None


def remove(client: EC2Client, ami: Ami) -> None:
    """Deregisters it and deletes its snapshots, which EC2 would keep and charge for."""
    with whole():
        try:
            client.deregister_image(ImageId=ami.id)
        except ClientError as error:
            if code(error) not in ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"):
                raise
        for snapshot in ami.snapshots:
            try:
                client.delete_snapshot(SnapshotId=snapshot)
            except ClientError as error:
                if code(error) != "InvalidSnapshot.NotFound":
                    raise


def plain(tags: Iterable[TagTypeDef]) -> dict[str, str]:
    """Tags as a dictionary."""
    return {tag.get("Key", ""): tag.get("Value", "") for tag in tags}


def pairs(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Tags as EC2 takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _described(client: EC2Client, **which: object) -> list[Ami]:
    pages = client.get_paginator("describe_images").paginate(**which)  # pyright: ignore[reportArgumentType]
    found = [Ami.of(image) for page in pages for image in page["Images"]]
    return sorted(found, key=lambda ami: ami.created, reverse=True)
