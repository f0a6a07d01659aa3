"""Reads bills of materials.

SPDX 2.3 in JSON, compressed or not, as `bakery/sbom` makes them and as others do.
"""

import gzip
import json
from dataclasses import dataclass
from typing import Any

from packageurl import PackageURL

from images.errors import UserError

_COMPRESSED = b"\x1f\x8b"


@dataclass(frozen=True)
class Materials:
    """`packages` by `name:architecture` to their versions, `docker_images` to their digests.

    `driver` is that of a driver that no package has brought.
    """

    name: str
    bake: str
    packages: dict[str, str]
    docker_images: dict[str, str]
    driver: str | None
    names_only: bool


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
            driver=next((each["versionInfo"] for each in _purpose(document, "INSTALL")), None),
            names_only=str(document["creationInfo"].get("comment", "")).startswith("Names only"),
        )
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{where} is no bill of materials: {error}") from None


def _purpose(document: dict[str, Any], purpose: str) -> list[dict[str, Any]]:
    return [each for each in document["packages"] if each.get("primaryPackagePurpose") == purpose]


def _architecture(package: dict[str, Any]) -> str:
    for link in package.get("externalRefs", []):
        if link["referenceType"] == "purl":
            qualifiers = PackageURL.from_string(link["referenceLocator"]).qualifiers
            return dict(qualifiers).get("arch", "")
    return ""
