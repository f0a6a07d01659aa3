"""The bill of materials: whole, valid, the same bytes twice, every part named as whose it is."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bakery.sbom.database import ARCHIVE
from bakery.sbom.document import Contents
from bakery.sbom.make import FILE, Origin, make_names_only, make_sbom
from images.changes import direction
from images.errors import BakeryError, UserError
from images.record import Sbom
from images.sbom import read_sbom
from tests.fakes.handed_out import OS_RELEASE, PACKAGES, STATUS, database, hand_out
from tests.unit.unit_samples import WHEN, bake_record

pytestmark = pytest.mark.unit

DIGEST = "sha256:" + "1" * 64
CONTENTS = Contents({"dstackai/base:0.16-base-ubuntu24.04": DIGEST}, None)
ORIGIN = Origin("dstack-bake-cuda-0123456789ab", "cuda", "d" * 64, WHEN)
#: As Docker's and NVIDIA's repositories have them, beside the distribution's own of the same kind.
VENDORS = """
Package: docker-ce
Status: install ok installed
Maintainer: Docker <support@docker.com>
Architecture: amd64
Version: 5:27.1.1-1~ubuntu.24.04~noble

Package: nvidia-open
Status: install ok installed
Maintainer: cudatools <cudatools@nvidia.com>
Architecture: amd64
Version: 580.95.05-0ubuntu1

Package: docker.io
Status: install ok installed
Maintainer: Debian Go Packaging Team <team+pkg-go@tracker.debian.org>
Architecture: amd64
Version: 20.10.24+dfsg1-1

Package: went-away
Status: deinstall ok config-files
Maintainer: Somebody <somebody@debian.org>
Architecture: amd64
Version: 1
"""
VENDORED = (
    "docker-ce 5:27.1.1-1~ubuntu.24.04~noble amd64\nnvidia-open 580.95.05-0ubuntu1 amd64\n"
    "docker.io 20.10.24+dfsg1-1 amd64\n"
)


def made(results: Path, contents: Contents = CONTENTS, origin: Origin = ORIGIN) -> Sbom:
    return make_sbom(origin, contents, results)


def read(file: Path) -> dict[str, Any]:
    return json.loads(gzip.decompress(file.read_bytes()))


def named(document: dict[str, Any], name: str, purpose: str = "LIBRARY") -> dict[str, Any]:
    (found,) = [
        package
        for package in document["packages"]
        if (package["name"], package["primaryPackagePurpose"]) == (name, purpose)
    ]
    return found


def url(package: dict[str, Any]) -> str:
    return package["externalRefs"][0]["referenceLocator"]


def test_same_bytes_twice(tmp_path: Path) -> None:
    hand_out(tmp_path)
    first = made(tmp_path)
    body = (tmp_path / FILE).read_bytes()
    assert made(tmp_path) == first
    assert (tmp_path / FILE).read_bytes() == body
    assert made(tmp_path, origin=Origin(*ORIGIN.__dict__.values())) == first
    other = Origin(ORIGIN.bake, ORIGIN.variant, ORIGIN.digest, WHEN + timedelta(seconds=1))
    assert made(tmp_path, origin=other).sha256 != first.sha256


def test_document_has_the_system_and_its_docker_images(tmp_path: Path) -> None:
    hand_out(tmp_path)
    sbom = made(tmp_path)
    assert (sbom.file, sbom.format, sbom.names_only) == (FILE, "SPDX-2.3", False)
    assert sbom.tool.startswith("debsbom ")
    document = read(tmp_path / FILE)
    assert document["name"] == "dstack-cuda"
    assert named(document, "dstack-cuda", "OPERATING_SYSTEM")["versionInfo"] == ORIGIN.bake
    assert url(named(document, "bash")) == "pkg:deb/debian/bash@5.2?arch=amd64&distro=debian-12"
    image = named(document, "dstackai/base", "CONTAINER")
    assert image["checksums"] == [{"algorithm": "SHA256", "checksumValue": "1" * 64}]
    assert url(image).startswith("pkg:oci/base@sha256:1111")
    contained = [
        link["relatedSpdxElement"]
        for link in document["relationships"]
        if link["relationshipType"] == "CONTAINS"
    ]
    assert contained == [image["SPDXID"]]
    assert not [package for package in document["packages"] if "description" in package]


def test_vendors_packages_are_theirs(tmp_path: Path) -> None:
    hand_out(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(database(STATUS + VENDORS, OS_RELEASE))
    (tmp_path / "packages.txt").write_text(PACKAGES + VENDORED, encoding="utf-8")
    made(tmp_path, Contents({}, "580.95.05"))
    document = read(tmp_path / FILE)
    assert named(document, "docker-ce")["supplier"] == "Organization: Docker"
    assert url(named(document, "docker-ce")).startswith("pkg:deb/docker/docker-ce@5:27.1.1")
    assert named(document, "nvidia-open")["supplier"] == "Organization: NVIDIA"
    assert url(named(document, "docker.io")).startswith("pkg:deb/debian/docker.io@")
    names = {package["name"] for package in document["packages"]}
    assert "went-away" not in names
    assert "nvidia-driver" not in names, "a package brought it"


def test_driver_without_a_package_is_named(tmp_path: Path) -> None:
    hand_out(tmp_path)
    made(tmp_path, Contents({}, "570.211.01"))
    driver = named(read(tmp_path / FILE), "nvidia-driver", "INSTALL")
    assert (driver["versionInfo"], driver["supplier"]) == ("570.211.01", "Organization: NVIDIA")


def test_package_that_the_list_has_and_the_database_has_not(tmp_path: Path) -> None:
    hand_out(tmp_path)
    (tmp_path / "packages.txt").write_text(PACKAGES + "curl 8 amd64\n", encoding="utf-8")
    with pytest.raises(BakeryError, match="curl 8 is missing"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"no archive", "no usable"),
        (database(STATUS, "ID=plan9\n"), "plan9"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, archive: bytes, why: str) -> None:
    hand_out(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(archive)
    with pytest.raises(BakeryError, match=why):
        made(tmp_path)


def test_names_only_for_a_bake_from_before(tmp_path: Path) -> None:
    record = bake_record("dstack-bake-cpu-0123456789ab").model_copy(update={"sbom": None})
    record = record.model_copy(
        update={"versions": record.versions.model_copy(update={"os": "Ubuntu 24.04.3 LTS"})}
    )
    file = tmp_path / FILE
    sbom = make_names_only(record, PACKAGES + VENDORED, file)
    assert sbom.names_only
    assert make_names_only(record, PACKAGES + VENDORED, file) == sbom
    document = read(file)
    assert document["creationInfo"]["comment"].startswith("Names only")
    assert "distro=ubuntu-24.04" in url(named(document, "bash"))
    assert url(named(document, "bash")).startswith("pkg:deb/ubuntu/")
    assert named(document, "docker-ce")["supplier"] == "Organization: Docker"
    assert named(document, "some/image", "CONTAINER")["versionInfo"] == "1"


def test_record_of_a_system_that_is_not_known_is_refused(tmp_path: Path) -> None:
    record = bake_record("dstack-bake-cpu-0123456789ab")
    versions = record.versions.model_copy(update={"os": "Fedora Linux 44"})
    with pytest.raises(BakeryError, match=r"dstack-bake-cpu-0123456789ab: .* fedora"):
        make_names_only(record.model_copy(update={"versions": versions}), PACKAGES, tmp_path / FILE)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    hand_out(tmp_path)
    made(tmp_path, Contents(CONTENTS.docker_images, "570.211.01"))
    body = (tmp_path / FILE).read_bytes()
    found = read_sbom(body, "here")
    assert (found.bake, found.names_only, found.driver) == (ORIGIN.bake, False, "570.211.01")
    assert found.packages == {"bash:amd64": "5.2", "jq:amd64": "1.6"}
    assert found.docker_images == CONTENTS.docker_images
    assert read_sbom(gzip.decompress(body), "here") == found, "compressed or not"


@pytest.mark.parametrize("body", [b"", b"{}", b"\x1f\x8b broken", b'{"spdxVersion": "SPDX-3.0"}'])
def test_what_is_no_document_is_told(body: bytes) -> None:
    with pytest.raises(UserError, match="some file is no bill of materials"):
        read_sbom(body, "some file")


def test_version_of_a_system_has_no_order() -> None:
    assert direction("Ubuntu 24.04.2 LTS", "Ubuntu 24.04.3 LTS") == "changed"
