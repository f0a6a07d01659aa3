"""Small valid inputs for the unit tests, each to be changed in the one place a test is about."""

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.content import Wanted, wanted_images
from config.settings import Settings
from config.stack import Stack
from images.host import Firmware
from images.job import VerifyJob
from images.local import LocalTarget
from images.record import (
    BakeRecord,
    Builder,
    CheckResult,
    Packages,
    Sbom,
    SourceImage,
    VerificationRecord,
    Versions,
)

PROJECT = Path(__file__).resolve().parents[2]
NAMESPACE = "dstack-images"
#: As good as random to whoever has little room for it.
SBOM_SHA256 = hashlib.sha256(b"bill of materials").hexdigest()
WHEN = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)

#: A stack of this machine, every key that has no default.
LOCAL: dict[str, Any] = {
    "releases": ["0.14"],
    "docker": {"source": "distribution"},
    "clouds": {"local": {"variants": {"cpu": {}}}},
}
#: One section for each cloud, valid by itself.
CLOUDS: dict[str, dict[str, Any]] = {
    "local": {"variants": {"cpu": {}}},
    "aws": {
        "variants": {"cpu": {}},
        "source": "ami-0123456789abcdef0",
        "homeRegion": "eu-west-1",
        "regions": ["eu-west-1"],
    },
    "azure": {
        "variants": {"cpu": {}},
        "source": "canonical:ubuntu-24_04-lts:server",
        "location": "westeurope",
        "resourceGroup": "some-group",
    },
    "gcp": {
        "variants": {"cpu": {}},
        "project": "some-project",
        "source": "ubuntu-2404-noble-amd64-v20250828",
        "zone": "us-central1-a",
        "regions": ["us"],
    },
    "oci": {
        "variants": {"cpu": {}},
        "source": "ocid1.image.oc1.eu-frankfurt-1.x",
        "homeRegion": "eu-frankfurt-1",
        "compartment": "ocid1.compartment.oc1..x",
        "subnet": "ocid1.subnet.oc1.eu-frankfurt-1.x",
        "regions": ["eu-frankfurt-1"],
    },
}


def settings(**changes: Any) -> Settings:
    """Validated settings: LOCAL with some top-level keys changed."""
    return Settings.model_validate({**LOCAL, **changes})


def stack_of(**changes: Any) -> Stack:
    """What components know of the stack staging, with some top-level keys changed."""
    return Stack.of(settings(**changes), "staging", "organization/dstack-images/staging")


def local_images(
    checkout: Path, source: str = "debian-12", prepull: list[str] | None = None, **changes: Any
) -> list[Wanted]:
    """What the stack wants of this machine, with some top-level keys changed."""
    chosen, stack = settings(**changes), stack_of(**changes)
    local = chosen.clouds.local
    assert local is not None
    given = chosen.prepull if prepull is None else prepull
    return wanted_images(checkout, stack, chosen, local, source=lambda _: source, prepull=given)


def flat(values: Mapping[str, Any]) -> dict[str, str]:
    """Configuration as Pulumi hands it to a program: full keys, JSON for structures."""
    return {
        f"{NAMESPACE}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
    }


def bake_record(bake: str, digest: str = "d" * 64) -> BakeRecord:
    """The record of a finished local bake."""
    return BakeRecord(
        name=bake,
        digest=digest,
        inputs=["source=debian-12", "epoch=0"],
        cloud="local",
        variant="cpu",
        image_id=f"/store/{bake}/image.qcow2",
        size_bytes=7,
        sha256="e" * 64,
        source=SourceImage(name="debian-12", resolved="sha256:" + "f" * 64),
        versions=Versions(os="Debian 12", kernel="6.1.0", docker="20.10.24"),
        driver_branch=None,
        restarted=False,
        docker_images={"some/image:1": "sha256:" + "1" * 64},
        packages=Packages(file="packages.txt", sha256="2" * 64, count=3),
        sbom=Sbom(file="sbom.spdx.json.gz", sha256=SBOM_SHA256, tool="debsbom 0.10.2"),
        builder=Builder(packer="1.6.6", plugins={}, git_commit=None),
        started_at=WHEN,
        finished_at=WHEN,
        attempts=1,
        log="/logs/bake.log",
    )


def verification_record(bake: str, digest: str = "c" * 64) -> VerificationRecord:
    """The record of a verification that passed."""
    return VerificationRecord(
        bake=bake,
        digest=digest,
        checks=[CheckResult(name="boot", ok=True, seconds=1.5, message="up")],
        started_at=WHEN,
        finished_at=WHEN,
        log="/logs/verify.log",
    )


def verify_job(base: Path, checksum: str = "0" * 64, time_limit: int = 60) -> VerifyJob:
    """A verification on this machine, whose base image is `base`."""
    return VerifyJob(
        stack="test",
        variant="cpu",
        bake="dstack-bake-cpu-1",
        inputs=[],
        environment={},
        disk_gb=8,
        time_limit=time_limit,
        checks=["boot"],
        target=LocalTarget(
            source_file=base,
            source_sha256=checksum,
            firmware=Firmware(code=base, variables=base),
            accelerator="tcg",
            cpus=2,
            memory_mb=2048,
            demo_registry=None,
        ),
    )


def soon() -> str:
    """An expiry, as tags have it, of a run that may be at work."""
    return str(int(time.time() + 600))


def ago() -> str:
    """The same of a run that is over."""
    return str(int(time.time() - 1))
