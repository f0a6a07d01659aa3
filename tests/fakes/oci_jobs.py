"""Jobs of the bakery in a simulated tenancy of Oracle Cloud."""

from typing import Any

from images.job import BakeJob, ListingJob, VerifyJob
from images.oci import OciTarget
from tests.fakes.bake_jobs import BAKE, bake_job, verification_of
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME, Json

BUCKET = "dstack-images"
NAME, MILAN = "dstack-0.15", "eu-milan-1"
#: Tags of what the stack has published of the content.
OURS = {"dstack_stack": "test", "dstack_bake": BAKE}
#: What the content of `add_content` is exported to, and copied to in other regions.
EXPORT, COPY = (f"{folder}/{BAKE}-{'0' * 12}.oci" for folder in ("exports", f"copies/{NAME}"))
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
    steps = {"prepare": ["apt-quiet"], "install": ["inventory"], "seal": ["kernel-tuning"]}
    return bake_job(target, 50, **steps)


def verify_job(target: OciTarget) -> VerifyJob:
    return verification_of(job(target), "boot")


def listing_job(ids: dict[str, str], stack: str = "test", bake: str = BAKE) -> ListingJob:
    """Publications of the images, by their regions."""
    return ListingJob(
        stack=stack,
        bake=bake,
        name=NAME,
        version="0.15",
        system="Ubuntu 24.04.3 LTS",
        contact_name="dstack",
        contact_email="hello@dstack.ai",
        images=ids,
        target=target(),
    )


def add_image(tenancy: OciTenancy, name: str, region: str = HOME, **tags: str) -> Json:
    """A custom image, as somebody has made it."""
    found = {key.replace("_", "-"): value for key, value in tags.items()}
    return tenancy.api.region(region).images.add(name, COMPARTMENT, freeformTags=found)


def add_content(tenancy: OciTenancy) -> Json:
    """A complete bake."""
    return add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_record="0" * 64)
