"""What debsbom does not know: Docker images, vendors, drivers that no package brought.

Everything comes in an order of its own, so that the same system gives the same bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packageurl import PackageURL

from bakery.sbom.vendors import NVIDIA, Vendor, vendor_of

#: Has no place in an identifier of SPDX.
_FOREIGN = re.compile(r"[^A-Za-z0-9.-]+")
_NOBODY = "NOASSERTION"
_PACKAGE_URL = "purl"


@dataclass(frozen=True)
class Contents:
    """What an image has beside packages: Docker images with their digests, and the version of the
    NVIDIA module, packaged or not."""

    docker_images: Mapping[str, str]
    driver: str | None


def completed(
    document: dict[str, Any], distribution: str, contents: Contents, comment: str | None = None
) -> dict[str, Any]:
    """The document with all of it. `distribution` as package URLs name it, such as debian-12."""
    packages = [_told(package, distribution) for package in document["packages"]]
    (root,) = [
        link["relatedSpdxElement"]
        for link in document["relationships"]
        if link["relationshipType"] == "DESCRIBES"
    ]
    more = [_docker_image(*item) for item in contents.docker_images.items()]
    if contents.driver and not any(_brings(package, contents.driver) for package in packages):
        more.append(_driver(contents.driver))
    links = [_contains(root, package["SPDXID"]) for package in more]
    creation = {**document["creationInfo"], **({"comment": comment} if comment else {})}
    return {
        **document,
        "creationInfo": creation,
        "packages": sorted([*packages, *more], key=lambda package: package["SPDXID"]),
        "relationships": sorted([*document["relationships"], *links], key=json.dumps),
    }


def _told(package: dict[str, Any], distribution: str) -> dict[str, Any]:
    """A package with its distribution or vendor, without the long text that anyone can look up."""
    vendor = vendor_of(package)
    told = {key: value for key, value in package.items() if key != "description"}
    if vendor:
        told["supplier"] = f"Organization: {vendor.name}"
    told["externalRefs"] = [
        {**link, "referenceLocator": _located(link["referenceLocator"], distribution, vendor)}
        if link["referenceType"] == _PACKAGE_URL
        else link
        for link in package.get("externalRefs", [])
    ]
    if not told["externalRefs"]:
        del told["externalRefs"]
    return told


def _located(url: str, distribution: str, vendor: Vendor | None) -> str:
    found = PackageURL.from_string(url)
    qualifiers = {**(found.qualifiers or {}), "distro": distribution}
    namespace = vendor.namespace if vendor else found.namespace
    return PackageURL(found.type, namespace, found.name, found.version, qualifiers).to_string()


def _docker_image(reference: str, digest: str) -> dict[str, Any]:
    name, _, tag = reference.rpartition(":")
    algorithm, _, value = digest.partition(":")
    url = PackageURL(
        "oci", None, name.rpartition("/")[2], digest, {"repository_url": name, "tag": tag}
    )
    return {
        **_plain(f"SPDXRef-docker-image-{reference}", name, tag, "CONTAINER"),
        "checksums": [{"algorithm": algorithm.upper(), "checksumValue": value}],
        "externalRefs": [_package_url(url)],
        "supplier": _NOBODY,
    }


def _driver(version: str) -> dict[str, Any]:
    return {
        **_plain("SPDXRef-nvidia-driver", "nvidia-driver", version, "INSTALL"),
        "comment": "Installed by NVIDIA's installer: no package of the system has it.",
        "externalRefs": [_package_url(PackageURL("generic", "nvidia", "nvidia-driver", version))],
        "supplier": f"Organization: {NVIDIA.name}",
    }


def _brings(package: dict[str, Any], driver: str) -> bool:
    """Whether it is of the driver, whose packages begin their version with the module's."""
    version = str(package.get("versionInfo", "")).rpartition(":")[2]
    return "nvidia" in package["name"] and version.startswith(driver)


def _plain(identifier: str, name: str, version: str, purpose: str) -> dict[str, Any]:
    return {
        "SPDXID": _FOREIGN.sub("-", identifier),
        "copyrightText": _NOBODY,
        "downloadLocation": _NOBODY,
        "filesAnalyzed": False,
        "licenseConcluded": _NOBODY,
        "licenseDeclared": _NOBODY,
        "name": name,
        "primaryPackagePurpose": purpose,
        "versionInfo": version,
    }


def _package_url(url: PackageURL) -> dict[str, str]:
    return {
        "referenceCategory": "PACKAGE_MANAGER",
        "referenceLocator": url.to_string(),
        "referenceType": _PACKAGE_URL,
    }


def _contains(root: str, part: str) -> dict[str, str]:
    return {
        "spdxElementId": root,
        "relatedSpdxElement": part,
        "relationshipType": "CONTAINS",
    }
