"""Releases as cards: their state, what is in them, what has changed, what was checked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from images.catalog import Cloud, ImageKey
from images.changes import Change
from images.contract import Content, Contract, Image, Release
from images.record import BakeRecord
from ops.contents import of_image
from ops.differences import Difference, between
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


def cards(
    contract: Contract, records: Mapping[str, BakeRecord], sboms: Path | None = None
) -> list[dict[str, Any]]:
    """The newest first. `sboms`: a folder with bills of materials, to tell changes of packages."""
    before: Release | None = None
    found: list[dict[str, Any]] = []
    for release in contract.releases:
        changed = {
            image.key: change
            for image in release.images
            if (change := _change(image, before, sboms)) is not None
        }
        found.append(_card(release, before, contract.current, records, changed))
        before = release
    return found[::-1]


def _card(
    release: Release,
    before: Release | None,
    current: str | None,
    records: Mapping[str, BakeRecord],
    changed: Mapping[ImageKey, Difference],
) -> dict[str, Any]:
    built = [image.content.built_at for image in release.images if image.content]
    return {
        "version": release.version,
        "state": state(release, current),
        "retires": release.retires,
        "built": _day(max(built, default=None)),
        "before": before.version if before else None,
        "changed": sum(len(_parts_changed(change)) for change in changed.values()),
        "images": [_image(image, changed.get(image.key), records) for image in release.images],
    }


def as_of(contract: Contract) -> str:
    """The day on which something was last baked or verified: what the page says is not newer."""
    images = [image for release in contract.releases for image in release.images]
    built = [image.content.built_at for image in images if image.content]
    return _day(
        max([*built, *(one.verification.at for one in images if one.verification)], default=None)
    )


def state(release: Release, current: str | None) -> str:
    """Return the release's state in a word: current, live, partial or retiring."""
    if release.state == "retiring":
        return "retiring"
    if not release.complete:
        return "partial"
    return "current" if release.version == current else "live"


def _image(
    image: Image, changed: Difference | None, records: Mapping[str, BakeRecord]
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
        "changes": _parts_changed(changed) if changed else [],
        "packages": changed.packages if changed else [],
        "compared": changed is not None,
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


def _change(image: Image, before: Release | None, sboms: Path | None) -> Difference | None:
    """What an image changes against the previous release.

    None where that has no such image, or nothing is known of it.
    """
    others = before.images if before else []
    old = next((other for other in others if other.key == image.key), None)
    if old is None or old.content is None or image.content is None:
        return None
    places = [sboms] if sboms else []
    return between(of_image(old, old.name, *places), of_image(image, image.name, *places))


def _parts_changed(change: Difference) -> list[Change]:
    """All but packages, which are many."""
    return [*change.components, *change.docker_images]


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
