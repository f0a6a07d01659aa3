"""Reads bills of materials and compares two by package.

SPDX 2.3 in JSON, compressed or not, as `bakery/sbom` makes them and as others do.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from debian.debian_support import NativeVersion
from packageurl import PackageURL

from images.errors import UserError

Direction = Literal["added", "removed", "up", "down", "changed"]
_COMPRESSED = b"\x1f\x8b"


@dataclass(frozen=True)
class Materials:
    """`packages` by `name:architecture` to their versions, `docker_images` to their digests."""

    name: str
    bake: str
    packages: dict[str, str]
    docker_images: dict[str, str]
    names_only: bool


@dataclass(frozen=True)
class Change:
    """Of one package or Docker image. None where it is not there."""

    what: str
    before: str | None
    after: str | None
    direction: Direction


def read_sbom(body: bytes, where: str) -> Materials:
    """What a document from `where` lists: packages of the system, not their sources.

    Raises UserError.
    """
    try:
        text = gzip.decompress(body) if body.startswith(_COMPRESSED) else body
        document: dict[str, Any] = json.loads(text)
        if document["spdxVersion"] != "SPDX-2.3":
            raise ValueError(f"it is {document['spdxVersion']}, and SPDX-2.3 can be read")
        (root,) = _purpose(document, "OPERATING_SYSTEM")
        return Materials(
            name=document["name"],
            bake=root.get("versionInfo", ""),
            packages={
                f"{each['name']}:{_architecture(each)}": each["versionInfo"]
                for each in _purpose(document, "LIBRARY")
            },
            docker_images={
                f"{each['name']}:{each['versionInfo']}": "sha256:"
                + each["checksums"][0]["checksumValue"]
                for each in _purpose(document, "CONTAINER")
            },
            names_only=str(document["creationInfo"].get("comment", "")).startswith("Names only"),
        )
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{where} is no bill of materials: {error}") from None


def compare(before: Materials, after: Materials) -> list[Change]:
    """What differs, by name: packages first, then Docker images."""
    return [
        *_changes(before.packages, after.packages),
        *_changes(before.docker_images, after.docker_images),
    ]


def direction(before: str | None, after: str | None) -> Direction:
    """Which way a version has gone, by dpkg's order: 1.10 is above 1.9, 1.0~rc1 below 1.0."""
    if before is None or after is None:
        return "added" if before is None else "removed"
    if before.startswith("sha256:"):
        return "changed"
    try:
        return "up" if NativeVersion(after) > NativeVersion(before) else "down"
    except ValueError:
        # A system's name has spaces in it and is no version.
        return "changed"


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for what in sorted({*before, *after}):
        was, now = before.get(what), after.get(what)
        if was != now:
            yield Change(what, was, now, direction(was, now))


def _purpose(document: dict[str, Any], purpose: str) -> list[dict[str, Any]]:
    return [each for each in document["packages"] if each.get("primaryPackagePurpose") == purpose]


def _architecture(package: dict[str, Any]) -> str:
    for link in package.get("externalRefs", []):
        if link["referenceType"] == "purl":
            qualifiers = PackageURL.from_string(link["referenceLocator"]).qualifiers
            return dict(qualifiers).get("arch", "")
    return ""
