"""Which release servers go on being told of while Oracle reviews what is new."""

import json
from datetime import date

import pytest

from images import contract, oci, streams
from images.staying import staying
from tests.unit.test_contract import at, published

pytestmark = pytest.mark.unit


def listed(version: str, retires: date | None = None, **regions: str) -> contract.Release:
    """A release of Oracle Cloud alone, by the state of its listing in each region."""
    place = oci.OciPlace(
        compartment_id="c",
        regions={
            region: oci.OciRegion(
                image_id=f"ocid1.{region}",
                listing=oci.OciListing(publication_id="p", listing_id=None, review_state=state),
            )
            for region, state in regions.items()
        },
    )
    waits = [contract.Missing(place=region, reason=why) for region, why in place.waiting().items()]
    image = published(place).model_copy(update={"version": version, "missing": waits})
    return contract.release(version, retires, [image])


TODAY, TO_COME = date(2027, 3, 30), date(2027, 3, 31)
PUBLISHED, REVIEW, REJECTED = "published", "in review", "rejected"
OLD, NEW = listed("0.15", a=PUBLISHED), listed("0.16", a=REVIEW)


@pytest.mark.parametrize(
    ("before", "now", "current"),
    [
        # The release before retires in the change that brings the next one.
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), NEW], "0.15"),
        ([OLD], [listed("0.15", TODAY, a=PUBLISHED), NEW], None),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), listed("0.16", a=REJECTED)], None),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), listed("0.16", a=PUBLISHED)], "0.16"),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED), at("0.16", "eu-west-1")], None),
        # A region more, of every release at once.
        ([OLD], [listed("0.15", a=PUBLISHED, b=REVIEW)], "0.15"),
        (
            [OLD],
            [listed("0.15", a=PUBLISHED, b=REVIEW), listed("0.16", a=REVIEW, b=REVIEW)],
            "0.15",
        ),
        ([OLD], [listed("0.15", TO_COME, a=PUBLISHED, b=REVIEW), NEW], "0.15"),
        ([OLD], [listed("0.15", a=PUBLISHED, b=REJECTED)], None),
        # What servers did find is lost: Oracle looks at it anew.
        ([OLD], [listed("0.15", a=REVIEW)], None),
        # Never told to servers, and so nothing that could stay.
        ([], [NEW], None),
        ([at("0.15", "eu-west-1")], [NEW], None),
        # A person has gone back, and a review is in the way: not to the bad one.
        (
            [listed("0.14", a=PUBLISHED), OLD],
            [listed("0.15", a=PUBLISHED, b=REVIEW), listed("0.14", a=PUBLISHED, b=REVIEW)],
            None,
        ),
        (
            [listed("0.14", a=PUBLISHED), OLD],
            [listed("0.14", a=PUBLISHED, b=REVIEW), listed("0.15", TO_COME, a=PUBLISHED, b=REVIEW)],
            None,
        ),
    ],
    ids=[
        *("retires", "past-its-day", "rejected", "next-is-there", "next-failed"),
        *("region", "region-and-release", "region-while-it-retires", "region-rejected"),
        *("lost", "first", "never-whole", "gone-back", "gone-back-by-retiring"),
    ],
)
def test_servers_are_told_of_a_release_while_oracle_reviews_what_is_new(
    before: list[contract.Release], now: list[contract.Release], current: str | None
) -> None:
    """A review takes days. What servers are told does not become less by it, and what the contract
    says of each release is what is true of it."""
    first = contract.contract("prod", "", before)
    assert first.current == (before[-1].version if before and before[-1].complete else None)
    stays = staying(first, "", now, TODAY)
    found = contract.contract("prod", "", now, stays=stays)
    assert found.current == current
    assert found.releases == now
    # The next update, in which nothing has changed, reads what this one has written.
    again = contract.contract("prod", "", now, stays=staying(found, "", now, TODAY))
    assert again == found


def test_nothing_stays_under_another_prefix() -> None:
    first = contract.contract("prod", "stgn-1-", [OLD])
    assert staying(first, "", [listed("0.15", TO_COME, a=PUBLISHED), NEW], TODAY) is None


def test_a_current_release_that_retires_is_in_the_streams_of_those_that_live() -> None:
    now = [listed("0.15", TO_COME, a=PUBLISHED), NEW]
    found = contract.contract("prod", "", now, stays="0.15")
    told = json.loads(streams.streams(found, "text"))
    assert told["current"] == "0.15"
    assert {name: one["state"] for name, one in told["releases"].items()} == {
        "0.15": "retiring",
        "0.16": "partial",
    }
