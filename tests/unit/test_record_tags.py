"""Records as tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakery.records.tags import from_tags, keys, to_tags
from images.errors import Damaged
from images.record import BakeRecord, Fact
from tests.unit.unit_samples import bake_record

pytestmark = pytest.mark.unit


class Text(Fact):
    text: str


@given(st.text(max_size=3000))
def test_what_goes_in_comes_out(text: str) -> None:
    tags = to_tags("k", Text(text=text))
    assert all(len(value) <= 256 for value in tags.values())
    assert from_tags("k", {**tags, "other": "x"}, Text) == Text(text=text)


def test_real_record_leaves_room_for_other_tags() -> None:
    """EC2 and Azure allow 50."""
    parts = [f"packer/provision/a-step-of-some-length.sh={n:016x}" for n in range(20)]
    record = bake_record("dstack-bake-cuda-0123456789ab").model_copy(update={"inputs": parts})
    assert len(to_tags("dstack-record", record)) < 15


def test_nothing_there() -> None:
    assert from_tags("k", {"k": "x", "kk-0": "1:x"}, Text) is None


def test_part_missing_means_that_it_was_never_finished() -> None:
    tags = to_tags("k", bake_record("b"))
    del tags[f"k-{len(tags) - 1}"]
    assert from_tags("k", tags, BakeRecord) is None


@pytest.mark.parametrize("first", ["1:????", "1:eJw=", "x:eJw=", "1:é"])
def test_damaged(first: str) -> None:
    with pytest.raises(Damaged):
        from_tags("k", {"k-0": first}, Text)


def test_keys_are_those_of_this_record_only() -> None:
    assert keys("k", {"k-0": "", "k-12": "", "k-x": "", "k": "", "kk-0": ""}) == ["k-0", "k-12"]
