"""What is configured for Google Cloud, and what is refused in words."""

import json
from typing import Any

import pytest

from config.gcp import Gcp
from config.load import load
from images.errors import ConfigurationError
from images.labels import label, labels
from tests.unit.unit_samples import CLOUDS, LOCAL, flat

pytestmark = pytest.mark.unit


def gcp(**changes: Any) -> Gcp:
    values = {**LOCAL, "clouds": {"gcp": {**CLOUDS["gcp"], **changes}}}
    found = load(flat(values)).clouds.gcp
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": "us-central1"}, "a zone is a region of Google with a letter"),
        ({"zone": "us_nowhere1-a"}, "a zone is a region of Google with a letter"),
        ({"regions": ["us", "eu"]}, "at most 1 item"),
        ({"source": "Ubuntu 24.04"}, "a source is the name of an image"),
        ({"source": "family:ubuntu"}, "a source is the name of an image"),
        ({"project": "X"}, "must match"),
        ({"diskGb": 30}, "less than or equal to 20"),
        ({"variants": {"a3mega": {}}}, "variants.a3mega.source is missing"),
        ({"variants": {"cpu": {"family": "Dstack"}}}, "gcp refuses the name 'Dstack'"),
        ({"variants": {"cpu": {"diskGb": 21}}}, "diskGb above 20 is for a source of its own"),
        (
            {"variants": {"cpu": {"family": "same"}, "cuda": {"family": "same"}}},
            "two variants cannot be of one family: same",
        ),
        (
            {"variants": {"a3mega": {"source": "base", "names": {"0.14": "a" * 64}}}},
            "has 64 characters; gcp allows 63",
        ),
        ({"github": {"repository": "dstack", "environment": "prod"}}, "must match"),
    ],
    ids=json.dumps,
)
def test_mistakes(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        gcp(**changes)


def test_region_and_family_are_derived() -> None:
    found = gcp(zone="europe-west4-b", variants={"cpu": {}, "cuda": {"family": "gpu"}})
    assert found.region == "europe-west4"
    assert (found.family("cpu"), found.family("cuda")) == ("dstack", "gpu")


def test_a_variant_has_what_is_its_own() -> None:
    found = gcp(variants={"cpu": None, "a3mega": {"source": "base", "diskGb": 100}})
    assert [found.source_of(variant) for variant in found.variants] == [found.source, "base"]
    assert [found.disk_gb_of(variant) for variant in found.variants] == [20, 100]


def test_labels_are_what_google_takes() -> None:
    tags = {"Name": "x", "dstack-release": "0.14rc1", "dstack-digest": "a" * 64}
    assert labels(tags) == {"dstack-release": "0-14rc1", "dstack-digest": "a" * 63}
    assert label("My.Stack") == "my-stack"
