"""Jobs of the bakery in any cloud, alike but for what a test is about."""

from typing import Any

from bakery.packer.program import Packer
from images.aws import AwsTarget
from images.azure import AzureTarget
from images.gcp import GcpTarget
from images.job import BakeJob, VerifyJob
from images.naming import bake_name
from images.oci import OciTarget

DIGEST = "0123456789abcdef" * 4
BAKE = bake_name("cpu", DIGEST)
#: The distribution's, whose builders are inside it.
OLD_PACKER = Packer("packer", "1.6.6", {})


def bake_job(
    target: AwsTarget | AzureTarget | GcpTarget | OciTarget, disk_gb: int, **changes: Any
) -> BakeJob:
    """A bake without steps."""
    job = BakeJob(
        stack="test",
        variant="cpu",
        bake=BAKE,
        inputs=["source=test"],
        environment={},
        disk_gb=disk_gb,
        time_limit=900,
        target=target,
        digest=DIGEST,
        source_name=target.source,
        prepare=[],
        install=[],
        seal=[],
    )
    return job.model_copy(update=changes)


def verification_of(job: BakeJob, *checks: str) -> VerifyJob:
    """The job of its verification."""
    common = job.model_dump(exclude={"digest", "source_name", "prepare", "install", "seal"})
    return VerifyJob.model_validate({**common, "checks": list(checks)})
