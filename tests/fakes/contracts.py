"""Contracts of small stacks, as `pulumi stack output contract --json` prints them."""

from collections.abc import Mapping
from typing import Any

from images.aws import AwsPlace, AwsRegion
from images.azure import AzureGallery, AzurePlace
from images.clouds import Place
from images.contract import Image, content, contract, release, verified
from images.gcp import GcpPlace
from tests.unit.unit_samples import bake_record, verification_record

STACK = "prod"


def contract_json(*images: Image, prefix: str = "") -> str:
    """The document of a stack with these images; the release of the last one comes last."""
    versions = list(dict.fromkeys(image.version for image in images))
    releases = [
        release(version, None, [image for image in images if image.version == version])
        for version in versions
    ]
    return contract(STACK, prefix, releases).model_dump_json()


def image(
    name: str,
    place: Place,
    *,
    variant: Any = "cpu",
    version: str = "0.15",
    prefix: str = "",
    bake: str = "dstack-bake-cpu-1",
    versions: Mapping[str, str] | None = None,
    **changes: Any,
) -> Image:
    """One published image; `versions` and `changes` are of the record it was made of."""
    record = bake_record(bake)
    changed = record.versions.model_copy(update=dict(versions or {}))
    record = record.model_copy(update={**changes, "versions": changed})
    return Image(
        name=name,
        cloud=place.cloud,
        variant=variant,
        version=version,
        prefix=prefix,
        content=content(record),
        verification=verified(verification_record(bake)),
        place=place,
        found=place.ids(),
    )


def aws_place(regions: Mapping[str, str], account: str, *, public: bool = True) -> AwsPlace:
    """AMIs by region."""
    return AwsPlace(
        account_id=account,
        root_device_name="/dev/sda1",
        public=public,
        regions={
            region: AwsRegion(ami=ami, snapshots=["snap-1"]) for region, ami in regions.items()
        },
    )


def gcp_place(project: str, name: str, *, public: bool = True) -> GcpPlace:
    """The global image of a project."""
    link = f"https://www.googleapis.com/compute/v1/projects/{project}/global/images/{name}"
    return GcpPlace(
        project=project,
        self_link=link,
        id="4000000000000000002",
        family="dstack",
        member="allAuthenticatedUsers" if public else None,
    )


def azure_place(
    subscription: str,
    group: str,
    location: str,
    *,
    image_id: str | None = None,
    gallery: AzureGallery | None = None,
) -> AzurePlace:
    """A managed image, or a version in a gallery."""
    return AzurePlace(
        subscription_id=subscription,
        resource_group=group,
        location=location,
        managed_image_id=image_id,
        gallery=gallery,
        disk_controller_types=["SCSI", "NVMe"],
    )
