"""A member of the stack's group bakes and publishes with what its policy says, and no more."""

import os

import oci
import pytest

from bakery.oci.listings import submit, withdraw
from bakery.oci.publication_checks import OciPublicationChecks
from bakery.progress import Progress
from images.errors import BakeryError
from images.job import PreflightJob
from tests.fakes.oci_jobs import (
    BUCKET,
    COPY,
    MILAN,
    NAME,
    OURS,
    SUBNET,
    add_content,
    add_image,
    listing_job,
    target,
)
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit import oci_tenancy
from tests.unit.test_oci_exports import objects, supply
from tests.unit.test_oci_listings import states

pytestmark = pytest.mark.unit

server, empty = oci_tenancy.server, oci_tenancy.tenancy
ELSEWHERE = "ocid1.compartment.oc1..aaaaaaaanetworks"


def allowed(network: str = COMPARTMENT) -> list[str]:
    return oci_tenancy.policy(public=True, network=network)


@pytest.fixture
def tenancy(empty: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> OciTenancy:
    """Empty, as a member of the group sees it."""
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)
    let(empty, allowed())
    return empty


def let(tenancy: OciTenancy, statements: list[str]) -> None:
    tenancy.api.policies.group = tenancy.api.policies.statements = statements


def preflight() -> None:
    work = PreflightJob(
        stack="test", names=[NAME], locations=[HOME, MILAN], public=True, target=target()
    )
    OciPublicationChecks(target()).preflight(work, Progress())


def test_member_looks_before_anything_is_made(tenancy: OciTenancy) -> None:
    """Listing publications names no kind of listing, which a condition of one would want."""
    preflight()
    let(tenancy, [one for one in allowed() if "inspect marketplace" not in one])
    with pytest.raises(BakeryError, match="PUBLICATION_INSPECT"):
        preflight()


def test_member_exports_and_copies(tenancy: OciTenancy) -> None:
    """What becomes of a copy is asked of no bucket, which a condition of one would want."""
    add_content(tenancy)
    supply(MILAN)
    assert objects(tenancy, MILAN) == [COPY]


def test_member_submits_and_withdraws(tenancy: OciTenancy) -> None:
    image = add_image(tenancy, NAME, **OURS)["id"]
    submit(listing_job({HOME: image}), Progress())
    withdraw(listing_job({HOME: image}), Progress())
    assert states(tenancy, HOME) == ["DELETED"]


def test_member_of_another_bucket_reads_none_of_this_one(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    let(tenancy, [one.replace(f"'{BUCKET}'", "'others'") for one in allowed()])
    with pytest.raises(BakeryError, match="wants BUCKET_"):
        supply(MILAN)


def launch(tenancy: OciTenancy) -> None:
    """As Packer does (packer-plugin-oracle, builder/oci/driver_oci.go)."""
    region = tenancy.api.region(HOME)
    details = oci.core.models.LaunchInstanceDetails(
        availability_domain=region.domains()[0],
        compartment_id=COMPARTMENT,
        display_name="dstack-bake-cpu",
        shape="VM.Standard2.1",
        create_vnic_details=oci.core.models.CreateVnicDetails(subnet_id=SUBNET),
        source_details=oci.core.models.InstanceSourceViaImageDetails(
            image_id=region.images.platform()["id"]
        ),
    )
    config = oci.config.from_file(os.environ["OCI_CONFIG_FILE"])
    oci.core.ComputeClient(config).launch_instance(details)


def test_network_of_another_compartment(tenancy: OciTenancy) -> None:
    """A machine's card asks where its subnet is."""
    launch(tenancy)
    tenancy.api.policies.networks[SUBNET] = ELSEWHERE
    with pytest.raises(
        oci.exceptions.ServiceError, match="VNIC_CREATE, VNIC_ATTACH, SUBNET_ATTACH"
    ):
        launch(tenancy)
    let(tenancy, allowed(ELSEWHERE))
    launch(tenancy)
    beside = [one for one in allowed(ELSEWHERE) if " use subnets " in one]
    assert beside == [f"Allow group bakers to use subnets in compartment id {ELSEWHERE}"]
