"""Releases as cards: their state, what is in them, what has changed, what was checked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from images.catalog import Cloud
from images.changes import direction
from images.contract import Content, Contract, Image, Release
from images.record import BakeRecord
from ops.page.places import at, command, spots
from ops.page.servers import CLOUD_NAMES, REGIONS

#: Parts that people ask for, in the order in which they matter.
_PARTS = {
    "kernel": "Kernel",
    "driver": "NVIDIA driver",
    "fabric_manager": "Fabric manager",
    "docker": "Docker",
    "containerd": "containerd",
    "container_toolkit": "Container toolkit",
    "dcgm": "DCGM",
    "os": "System",
}
_WITH_GPU = ("cuda", "grid", "a3mega")


def cards(contract: Contract, records: Mapping[str, BakeRecord]) -> list[dict[str, Any]]:
    """The newest first."""
    before: Release | None = None
    found: list[dict[str, Any]] = []
    for release in contract.releases:
        found.append(_card(release, before, contract.current, records))
        before = release
    return found[::-1]


def _card(
    release: Release, before: Release | None, current: str | None, records: Mapping[str, BakeRecord]
) -> dict[str, Any]:
    built = [image.content.built_at for image in release.images if image.content]
    return {
        "version": release.version,
        "state": state(release, current),
        "retires": release.retires,
        "built": _day(max(built, default=None)),
        "before": before.version if before else None,
        "changed": sum(len(_changes(image, before)) for image in release.images) if before else 0,
        "images": [_image(image, before, records) for image in release.images],
    }


def state(release: Release, current: str | None) -> str:
    """In a word: current, live, partial or retiring."""
    if release.state == "retiring":
        return "retiring"
    if not release.complete:
        return "partial"
    return "current" if release.version == current else "live"


def _image(
    image: Image, before: Release | None, records: Mapping[str, BakeRecord]
) -> dict[str, Any]:
    content, verified = image.content, image.verification
    record = records.get(content.bake) if content else None
    not_checked = ["that a GPU computes: the machine may have none"] * (image.variant in _WITH_GPU)
    return {
        "name": image.name,
        "cloud": CLOUD_NAMES[image.cloud],
        "variant": _variant(image),
        "spots": (places := spots(image)),
        "command": at(places[0], command(image)) if places else "",
        "missing": image.missing,
        "content": content,
        "parts": [(label, value) for label, value in _parts(content) if value],
        "changes": _changes(image, before),
        "verified": verified,
        "verified_on": verified and _day(verified.at),
        "seconds": round(sum(check.seconds for check in verified.checks)) if verified else 0,
        "not_checked": [*not_checked, "other machine types than the one that verified"],
        "sbom": record.sbom if record else None,
    }


def _parts(content: Content | None) -> list[tuple[str, str | None]]:
    if content is None:
        return []
    return [(label, getattr(content.versions, part)) for part, label in _PARTS.items()]


def _changes(image: Image, before: Release | None) -> list[tuple[str, str, str, str]]:
    """What, before, after, and which way."""
    others = before.images if before else []
    old = next((other.content for other in others if other.key == image.key), None)
    if old is None or image.content is None:
        return []
    now, then = image.content, old
    pairs = [
        *(
            (label, was, value)
            for (label, value), (_, was) in zip(_parts(now), _parts(then), strict=True)
        ),
        *(
            (name, then.docker_images.get(name), now.docker_images.get(name))
            for name in sorted({*now.docker_images, *then.docker_images})
        ),
    ]
    return [
        (what, was or "", value or "", direction(was, value))
        for what, was, value in pairs
        if was != value
    ]


def matrix(release: Release) -> list[dict[str, Any]]:
    """Clouds of a release with their regions and variants: an ID, or a hole."""
    found: list[dict[str, Any]] = []
    clouds: dict[Cloud, None] = dict.fromkeys(image.cloud for image in release.images)
    for cloud in clouds:
        images = [image for image in release.images if image.cloud == cloud]
        asked: Sequence[str] = REGIONS.get(cloud, list[str]())
        known = {
            _variant(image): {spot.region: spot.id for spot in spots(image)} for image in images
        }
        everywhere = sorted({*asked, *(region for ids in known.values() for region in ids)})
        found.append(
            {
                "name": CLOUD_NAMES[cloud],
                "variants": list(known),
                "rows": [
                    (
                        region,
                        region in asked or not asked,
                        [ids.get(region) for ids in known.values()],
                    )
                    for region in everywhere
                ],
            }
        )
    return found


def _variant(image: Image) -> str:
    return image.variant if image.arch == "x86_64" else f"{image.variant} {image.arch}"


def _day(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else "not baked"
