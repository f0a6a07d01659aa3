"""A contract with what a catalog has to show: releases of each state, holes, several clouds."""

import hashlib
from datetime import date

from images.aws import AwsPlace, AwsRegion
from images.azure import AzureGallery, AzurePlace
from images.catalog import Cloud, Variant
from images.clouds import Place
from images.contract import Contract, Image, Missing, content, contract, release, verified
from images.gcp import GcpPlace
from images.oci import OciListing, OciPlace, OciRegion
from images.record import BakeRecord, CheckResult
from ops.page.servers import REGIONS
from tests.unit.unit_samples import bake_record, verification_record

_VARIANTS: dict[Cloud, tuple[Variant, ...]] = {
    "aws": ("cpu", "cuda"),
    "azure": ("cpu", "cuda", "grid"),
    "gcp": ("cpu", "cuda"),
    "oci": ("cpu", "cuda"),
}
_CHECKS = ("boot", "login-user", "docker", "prepulled-images", "tools", "held", "quiet", "sysctl")


def page_contract(releases: int = 3) -> Contract:
    """The first release retires, the last one but one is current, the last one has a hole."""
    numbers = range(16 - releases, 16)
    return contract(
        "prod",
        "",
        [release(_version(n), _day(n, numbers), _images(n, numbers)) for n in numbers],
    )


def _version(number: int) -> str:
    return f"0.{number}" if number >= 0 else f"0.0.{100 + number}"


def records(found: Contract) -> dict[str, BakeRecord]:
    """The records of all its bakes."""
    return {
        image.content.bake: bake_record(image.content.bake)
        for each in found.releases
        for image in each.images
        if image.content
    }


def _day(number: int, numbers: range) -> date | None:
    return date(2027, 3, 1) if number == numbers[0] and len(numbers) > 1 else None


def _images(number: int, numbers: range) -> list[Image]:
    last = number == numbers[-1] and len(numbers) > 1
    return [
        _image(cloud, variant, number, hole=last and (cloud, variant) == ("aws", "cuda"))
        for cloud, variants in _VARIANTS.items()
        for variant in variants
    ]


def _image(cloud: Cloud, variant: Variant, number: int, *, hole: bool) -> Image:
    version = _version(number)
    name = "dstack-" + ("" if variant == "cpu" else f"{variant}-") + version
    name = name.replace(".", "-") if cloud == "gcp" else name
    seed = hashlib.sha256(f"{cloud} {variant} {version}".encode()).hexdigest()
    record = bake_record(f"dstack-bake-{variant}-{seed[:12]}", seed)
    gpu = variant != "cpu"
    versions = record.versions.model_copy(
        update={
            "os": "Ubuntu 24.04.3 LTS",
            "kernel": f"6.8.0-{1000 + number * 7}-{cloud}",
            "docker": "27.1.1" if number < 15 else "27.5.1",
            "containerd": "1.7.27",
            "driver": (f"580.{80 + number}.05" if variant == "cuda" else "570.211.01")
            if gpu
            else None,
            "container_toolkit": "1.18.0" if gpu else None,
        }
    )
    base = f"dstackai/base:0.{max(number, 1)}-base-ubuntu24.04"
    record = record.model_copy(
        update={"versions": versions, "docker_images": {base: f"sha256:{seed}"}}
    )
    checked = verification_record(record.name)
    checks = [
        CheckResult(name=check, ok=True, seconds=round(0.4 + place * 0.7, 1), message="well")
        for place, check in enumerate(_CHECKS)
    ]
    place = _place(cloud, name, seed, "us-west-1" if hole else None)
    return Image(
        name=name,
        cloud=cloud,
        variant=variant,
        version=version,
        prefix="",
        content=content(record),
        verification=verified(checked.model_copy(update={"checks": checks})),
        place=place,
        found=place.ids(),
        missing=[Missing(place="us-west-1", reason="the copy failed")] if hole else [],
    )


def _place(cloud: Cloud, name: str, seed: str, hole: str | None) -> Place:
    regions = [region for region in REGIONS[cloud] if region != hole]
    each = {r: hashlib.sha256(f"{seed} {r}".encode()).hexdigest()[:17] for r in regions}
    if cloud == "aws":
        amis = {r: AwsRegion(ami=f"ami-{i}", snapshots=[f"snap-{i}"]) for r, i in each.items()}
        return AwsPlace(
            account_id="142421590066", root_device_name="/dev/sda1", public=True, regions=amis
        )
    if cloud == "gcp":
        link = f"https://www.googleapis.com/compute/v1/projects/dstack/global/images/{name}"
        return GcpPlace(
            project="dstack",
            self_link=link,
            id=str(int(seed[:14], 16)),
            family="dstack",
            member="allAuthenticatedUsers",
        )
    if cloud == "oci":
        return OciPlace(
            compartment_id="ocid1.compartment.oc1..x",
            regions={
                r: OciRegion(
                    image_id=f"ocid1.image.oc1.{r}.{i}",
                    listing=OciListing(publication_id="p", listing_id="l", review_state="done"),
                )
                for r, i in each.items()
            },
        )
    definition = f"/subscriptions/s/resourceGroups/g/providers/galleries/dstack/images/{name}"
    return AzurePlace(
        subscription_id="s",
        resource_group="dstack-resources-westeurope",
        location="westeurope",
        managed_image_id=None,
        gallery=AzureGallery(
            name="dstack_gallery",
            public_name="dstack-ebac134d-04b9-4c2b-8b6c-ad3e73904aa7",
            definition_id=definition,
            version="0.0.1",
            version_id=f"{definition}/versions/0.0.1",
            replicas=dict.fromkeys(regions, 1),
            end_of_life=None,
        ),
        disk_controller_types=["SCSI", "NVMe"],
    )
