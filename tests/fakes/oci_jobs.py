"""Jobs of the bakery in a simulated tenancy of Oracle Cloud."""

from typing import Any

from images.job import BakeJob, VerifyJob
from images.naming import bake_name
from images.targets import OciTarget
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME, Json

DIGEST = "0123456789abcdef" * 4
BAKE = bake_name("cpu", DIGEST)
BUCKET = "dstack-images"
SUBNET = "ocid1.subnet.oc1.eu-frankfurt-1.aaaaaaaasubnet"
NEWEST = "newest:Canonical Ubuntu/24.04"


def target(**changes: Any) -> OciTarget:
    found = OciTarget(
        region=HOME,
        compartment=COMPARTMENT,
        availability_domain=3,
        subnet=SUBNET,
        source=NEWEST,
        shape="VM.Standard2.1",
        verify_shape="VM.GPU.A10.1",
        bucket=BUCKET,
    )
    return found.model_copy(update=changes)


def job(target: OciTarget) -> BakeJob:
    return BakeJob(
        stack="test",
        variant="cpu",
        bake=BAKE,
        inputs=["source=test"],
        environment={},
        disk_gb=50,
        time_limit=900,
        target=target,
        digest=DIGEST,
        source_name=target.source,
        prepare=["apt-quiet"],
        install=["inventory"],
        seal=["kernel-tuning"],
    )


def verify_job(target: OciTarget) -> VerifyJob:
    common = job(target).model_dump(exclude={"digest", "source_name", "prepare", "install", "seal"})
    return VerifyJob.model_validate({**common, "checks": ["boot"]})


def add_image(tenancy: OciTenancy, name: str, region: str = HOME, **tags: str) -> Json:
    """A custom image, as somebody has made it."""
    found = {key.replace("_", "-"): value for key, value in tags.items()}
    return tenancy.api.region(region).images.add(name, COMPARTMENT, freeformTags=found)


def add_content(tenancy: OciTenancy) -> Json:
    """A complete bake."""
    return add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_record="0" * 64)
