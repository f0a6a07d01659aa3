"""Publications that take their time: to be deleted, to have a package, to answer."""

import pytest

from bakery.oci import listings as subject
from bakery.oci.listings import submit, withdraw
from bakery.progress import Progress
from images.errors import BakeryError
from tests.fakes.oci_jobs import NAME, OURS, add_image, listing_job, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy
from tests.unit.test_oci_listings import states

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


@pytest.fixture
def image(tenancy: OciTenancy) -> str:
    """The stack's image in the home region."""
    return add_image(tenancy, NAME, **OURS)["id"]


def test_image_can_go_when_its_publication_is_withdrawn(tenancy: OciTenancy, image: str) -> None:
    submit(listing_job({HOME: image}), Progress())
    withdraw(listing_job({HOME: image}), Progress())
    assert states(tenancy, HOME) == ["DELETED"]
    assert not tenancy.api.region(HOME).market.uses(image)


def test_submitted_again_while_the_earlier_one_is_being_deleted(
    tenancy: OciTenancy, image: str
) -> None:
    """As after a run that was killed while it waited for that."""
    market = tenancy.api.region(HOME).market
    first = submit(listing_job({HOME: image}), Progress()).publications[HOME]
    market.publications[first] |= {"lifecycleState": "DELETING", "_left": 2}
    second = submit(listing_job({HOME: image}), Progress()).publications[HOME]
    assert second != first
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]
    market.publications[second] |= {"lifecycleState": "DELETING", "_left": 2}
    withdraw(listing_job({HOME: image}), Progress())
    assert states(tenancy, HOME) == ["DELETED", "DELETED"]


def test_deletion_that_never_ends_is_not_waited_for_for_ever(
    tenancy: OciTenancy, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 0.3)
    monkeypatch.setattr("tests.simulators.oci.market._DELETING", 1000)
    submit(listing_job({HOME: image}), Progress())
    with pytest.raises(BakeryError, match=r"the removal of the publication .* is not done"):
        withdraw(listing_job({HOME: image}), Progress())


def test_publication_in_review_is_known_by_its_image(tenancy: OciTenancy, image: str) -> None:
    """It has no package yet, which would name the image."""
    first = submit(listing_job({HOME: image}), Progress())
    assert submit(listing_job({HOME: image}), Progress()) == first
    assert states(tenancy, HOME) == ["CREATING"]
    tenancy.api.region(HOME).market.approve(NAME, listed=False)
    assert submit(listing_job({HOME: image}), Progress()) == first


def test_publication_of_somebody_who_tags_nothing(tenancy: OciTenancy, image: str) -> None:
    """Its package names the image, once there is one."""
    submit(listing_job({HOME: image}), Progress())
    market = tenancy.api.region(HOME).market
    (made,) = market.publications.values()
    market.approve(NAME)
    made["freeformTags"] = {}
    listings = subject.Listings(subject.clients.access(), HOME, target().compartment)
    (found,) = listings.publications(NAME)
    assert (found.image, found.listing) == (image, *market.listings)


def test_answer_that_is_lost_makes_no_second_publication(tenancy: OciTenancy, image: str) -> None:
    tenancy.api.lost.append(("POST", "/publications"))
    submit(listing_job({HOME: image}), Progress())
    assert states(tenancy, HOME) == ["CREATING"]
    # Nor is a later one, of the same image and name, taken for the first.
    withdraw(listing_job({HOME: image}), Progress())
    submit(listing_job({HOME: image}), Progress())
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]
