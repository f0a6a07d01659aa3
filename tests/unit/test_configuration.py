"""Mistakes in a stack's file: all told at once, each with key, value and what is allowed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.configuration import ConfigurationError, load
from images.catalog import CLOUDS
from unit_samples import CLOUDS as SECTIONS
from unit_samples import LOCAL, PROJECT, flat

pytestmark = pytest.mark.unit


def mistakes(**changes: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(flat({**LOCAL, **changes}), CLOUDS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"colour": "red"}, "dstack-images:colour: there is no such key; allowed: clouds, docker"),
        ({"releases": [0.14]}, "dstack-images:releases[0] is 0.14: it must be text; put it in"),
        ({"releases": ["0.14", "0.14"]}, "listed twice: 0.14"),
        ({"releases": ["0.10"]}, "this release is kept for ever as it is"),
        ({"releases": ["latest"]}, 'dstack-images:releases[0] is "latest": a version is two or'),
        ({"releases": []}, "dstack-images:releases is []"),
        ({"prefix": "Stgn_1"}, 'dstack-images:prefix is "Stgn_1": a prefix is nothing, or lower'),
        ({"visibility": "all"}, "dstack-images:visibility is \"all\": allowed: 'private' or"),
        ({"epoch": -1}, "dstack-images:epoch is -1"),
        ({"immutable": "yes"}, 'dstack-images:immutable is "yes"'),
        ({"timeLimitMinutes": 0}, "dstack-images:timeLimitMinutes is 0"),
        ({"prepull": ["some/image:latest"]}, "the tag is not latest"),
        ({"prepull": ["some//image:1"]}, "an image is name:tag"),
        ({"docker": {"source": "docker.com"}}, "version is needed with source docker.com"),
        ({"docker": {"source": "snap"}}, 'dstack-images:docker.source is "snap": allowed: \'doc'),
        ({"docker": {"source": "distribution", "colour": 1}}, "docker.colour: there is no such"),
        ({"nvidia": {"branch": 580}}, "dstack-images:nvidia.branch is 580: it must be text"),
        ({"clouds": {"mars": {}}}, "dstack-images:clouds.mars: there is no such key; allowed: aws"),
        ({"clouds": {"local": {"variants": ["gpu"]}}}, 'clouds.local.variants[0] is "gpu"'),
        ({"clouds": {"local": {"variants": ["a3mega"]}}}, "local has no a3mega; allowed: cpu, cu"),
        ({"clouds": {"local": {"variants": ["grid"]}}}, "the variant grid of local needs nvidia."),
        (
            {"clouds": {"aws": {**SECTIONS["aws"], "regions": ["mars-1"]}}},
            "aws has no region mars-1; allowed: af-south-1",
        ),
        (
            {"clouds": {"aws": {**SECTIONS["aws"], "homeRegion": "eu-west-11"}}},
            "aws has no region eu-west-11",
        ),
        ({"prefix": "a-" * 120}, "local allows 200"),
    ],
)
def test_mistake_is_told(changes: dict[str, Any], told: str) -> None:
    text = mistakes(**changes)
    assert told in text
    assert "has 1 mistake:" in text


def test_all_are_told_at_once() -> None:
    text = mistakes(
        prefix="a-" * 120, epoch="x", colour="red", clouds={"local": {"variants": ["cpu"], "x": 1}}
    )
    assert "has 4 mistakes" in text
    assert "local allows 200" in text, "names are judged though other keys are wrong"


def test_cloud_that_is_not_built() -> None:
    with pytest.raises(ConfigurationError, match="cannot build for aws yet; allowed: local"):
        load(flat({**LOCAL, "clouds": {"aws": SECTIONS["aws"]}}), ("local",))


def test_other_namespaces_are_left_alone() -> None:
    assert load({**flat(LOCAL), "aws:region": "eu-west-1"}, CLOUDS).current == "0.14"


@pytest.mark.parametrize("stack", ["local", "staging", "prod"])
def test_stack_files_are_right(stack: str) -> None:
    file = yaml.safe_load(Path(PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values = {key.removeprefix("dstack-images:"): value for key, value in file["config"].items()}
    settings = load(flat(values), CLOUDS)
    assert settings.visibility == ("public" if stack == "prod" else "private")
    assert settings.immutable == (stack == "prod")
    if settings.clouds.aws:
        assert len(settings.clouds.aws.regions) == {"staging": 1, "prod": 11}[stack]
    if settings.clouds.azure:
        assert len(settings.clouds.azure.regions) == {"staging": 1, "prod": 16}[stack]
