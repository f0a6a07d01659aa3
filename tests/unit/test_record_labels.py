"""Records that an image carries itself."""

import hashlib

import pytest

from bakery.records.labels import (
    TooLarge,
    described,
    from_description,
    from_labels,
    labelled,
)
from images.errors import Damaged
from images.labels import LONGEST
from images.record import BakeRecord, CheckResult, VerificationRecord
from tests.unit.unit_samples import bake_record, verification_record

pytestmark = pytest.mark.unit

BAKE = "dstack-bake-cuda-0123456789ab"


def parts(count: int) -> list[str]:
    """As incompressible as checksums are."""
    return [
        f"packer/provision/step-{n}.sh={hashlib.sha256(bytes([n])).hexdigest()}"
        for n in range(count)
    ]


def record(count: int) -> BakeRecord:
    return bake_record(BAKE).model_copy(update={"inputs": parts(count)})


@pytest.mark.parametrize("count", [1, 15, 20])
def test_record_of_a_real_size_is_in_the_description_alone(count: int) -> None:
    description, more = described(record(count))
    assert more == {}
    assert len(description) <= 2048
    assert from_description(description, {}, BakeRecord) == record(count)


def test_larger_record_goes_on_in_labels() -> None:
    description, more = described(record(60))
    assert 0 < len(more) <= 52
    assert len(description) <= 2048
    assert all(len(value) <= LONGEST for value in more.values())
    assert all(value.isalnum() and value == value.lower() for value in more.values())
    assert from_description(description, {"dstack-stack": "x", **more}, BakeRecord) == record(60)


def test_record_without_room_is_refused_not_cut() -> None:
    with pytest.raises(TooLarge):
        described(record(200))


def test_lost_label_is_told() -> None:
    description, more = described(record(60))
    more.popitem()
    with pytest.raises(Damaged):
        from_description(description, more, BakeRecord)


@pytest.mark.parametrize("text", ["", "dstack dstack-bake-cuda-0123456789ab", "Ubuntu: 24.04"])
def test_other_descriptions_are_no_records(text: str) -> None:
    assert from_description(text, {}, BakeRecord) is None


@pytest.mark.parametrize("text", ["dstack-record 0:!!", "dstack-record x:AAAA", "dstack-record 0:"])
def test_damaged_description_is_told(text: str) -> None:
    with pytest.raises(Damaged):
        from_description(text, {}, BakeRecord)


def test_verification_in_labels() -> None:
    made = verification_record(BAKE).model_copy(
        update={
            "checks": [
                CheckResult(name=f"check-{n}", ok=True, seconds=0.1, message=part)
                for n, part in enumerate(parts(12))
            ]
        }
    )
    labels = labelled(made)
    assert all(len(value) <= LONGEST for value in labels.values())
    assert from_labels({"dstack-bake": BAKE, **labels}, VerificationRecord) == made
    assert from_labels({"dstack-bake": BAKE}, VerificationRecord) is None


@pytest.mark.parametrize("piece", ["a", "é"], ids=["cut", "letters that are in no base32"])
def test_verification_that_is_damaged_is_told(piece: str) -> None:
    labels = labelled(verification_record(BAKE))
    labels.popitem()
    with pytest.raises(Damaged):
        from_labels({**labels, "dstack-verification-0": piece}, VerificationRecord)
