"""Submitting images to Oracle's Marketplace, and withdrawing them."""

import pytest

from bakery.oci.listings import submit, withdraw
from bakery.progress import Progress
from images.errors import BakeryError
from tests.fakes.oci_jobs import MILAN, NAME, OURS, add_image, listing_job
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def states(tenancy: OciTenancy, region: str) -> list[str]:
    publications = tenancy.api.region(region).market.publications.values()
    return [one["lifecycleState"] for one in publications]


def test_submitted_once_in_each_region_and_not_waited_for(tenancy: OciTenancy) -> None:
    ids = {region: add_image(tenancy, NAME, region, **OURS)["id"] for region in (HOME, MILAN)}
    first = submit(listing_job(ids), Progress())
    assert submit(listing_job(ids), Progress()) == first
    assert states(tenancy, HOME) == states(tenancy, MILAN) == ["CREATING"]
    made = tenancy.api.region(MILAN).market.publications[first.publications[MILAN]]
    assert made["supportedOperatingSystems"] == [{"name": "Ubuntu 24.04.3 LTS"}]
    assert made["supportContacts"][0]["email"] == "hello@dstack.ai"
    withdraw(listing_job(ids), Progress())
    assert states(tenancy, HOME) == states(tenancy, MILAN) == ["DELETED"]
    withdraw(listing_job(ids), Progress())


def test_of_a_name_there_is_one(tenancy: OciTenancy) -> None:
    old, new = (add_image(tenancy, NAME, **OURS)["id"] for _ in range(2))
    submit(listing_job({HOME: old}), Progress())
    tenancy.api.region(HOME).market.approve(NAME)
    submit(listing_job({HOME: new}), Progress())
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]
    assert tenancy.api.region(HOME).market.listings == {}
    with pytest.raises(BakeryError, match="is published by the stack test; a second listing"):
        submit(listing_job({HOME: new}, stack="prod"), Progress())
    withdraw(listing_job({HOME: new}, stack="prod"), Progress())
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]


def test_rejected_one_is_not_submitted_again_by_itself(tenancy: OciTenancy) -> None:
    """Nobody knows why it was, so a person has to decide."""
    ids = {HOME: add_image(tenancy, NAME, **OURS)["id"]}
    first = submit(listing_job(ids), Progress())
    tenancy.api.region(HOME).market.reject(NAME)
    assert submit(listing_job(ids), Progress()) == first
    assert states(tenancy, HOME) == ["FAILED"]


def test_no_more_of_them_are_allowed(tenancy: OciTenancy) -> None:
    tenancy.api.faults.publications_full = True
    ids = {HOME: add_image(tenancy, NAME, **OURS)["id"]}
    with pytest.raises(BakeryError, match="LimitExceeded: The limit of Community Applications"):
        submit(listing_job(ids), Progress())
