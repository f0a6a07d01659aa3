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
    found = load(flat(values), ("gcp",)).clouds.gcp
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": "us-central1"}, "a zone is a region of Google with a letter"),
        ({"zone": "us-nowhere1-a"}, "a zone is a region of Google with a letter"),
        ({"regions": ["us", "eu"]}, "at most 1 item"),
        ({"source": "Ubuntu 24.04"}, "a source is the name of an image"),
        ({"source": "family:ubuntu"}, "a source is the name of an image"),
        ({"project": "X"}, "must match"),
        ({"diskGb": 30}, "less than or equal to 20"),
        ({"variants": ["a3mega"]}, "needs a3mega.source"),
        ({"families": {"cpu": "Dstack"}}, "gcp refuses the name 'Dstack'"),
        (
            {"variants": ["cpu", "cuda"], "families": {"cpu": "same", "cuda": "same"}},
            "two variants cannot be of one family: same",
        ),
        (
            {"variants": ["a3mega"], "a3mega": {"source": "base", "names": {"0.14": "a" * 64}}},
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
    found = gcp(zone="europe-west4-b", families={"cuda": "gpu"})
    assert found.region == "europe-west4"
    assert (found.family("cpu"), found.family("cuda")) == ("dstack", "gpu")


def test_a3mega_has_what_the_server_starts() -> None:
    found = gcp(variants=["a3mega"], a3mega={"source": "base"}).a3mega
    assert found is not None
    assert [ref.rpartition("/")[2] for ref in found.prepull] == [
        "tcpgpudmarxd-dev:v1.0.14",
        "nccl-plugin-gpudirecttcpx-dev:v1.0.8-1",
    ]


def test_labels_are_what_google_takes() -> None:
    tags = {"Name": "x", "dstack-release": "0.14rc1", "dstack-digest": "a" * 64}
    assert labels(tags) == {"dstack-release": "0-14rc1", "dstack-digest": "a" * 63}
    assert label("My.Stack") == "my-stack"
