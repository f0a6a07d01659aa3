"""Mistakes in a stack's file: all told at once, each with key, value and what is allowed."""

from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from config.aws import REGIONS
from config.load import load
from images.errors import ConfigurationError
from tests.unit.unit_samples import CLOUDS as SECTIONS
from tests.unit.unit_samples import LOCAL, PROJECT, flat, settings

pytestmark = pytest.mark.unit


def mistakes(**changes: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(flat({**LOCAL, **changes}))
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"shade": "red"},
            "dstack-images:shade: there is no such key; allowed: clouds, docker, ep",
        ),
        ({"releases": [0.14]}, "dstack-images:releases[0] is 0.14: it must be text; put it in"),
        ({"releases": ["0.14", "0.14"]}, "listed twice: 0.14"),
        ({"releases": ["0.10"]}, "this release is kept for ever as it is"),
        ({"releases": ["latest"]}, 'dstack-images:releases[0] is "latest": a version is two or'),
        (
            {"releases": [], "retiring": {"0.14": "2099-03-31"}},
            "retiring names 0.14; allowed: nothing, as there is no release",
        ),
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
        (
            {"clouds": {"local": {"variants": {"cpuu": {}}}}},
            'clouds.local.variants.cpuu: local has no "cpuu"; allowed: cpu, cuda, grid',
        ),
        (
            {"clouds": {"local": {"variants": {"cpu": {"prepul": []}}}}},
            "clouds.local.variants.cpu.prepul: there is no such key; did you mean "
            "dstack-images:clouds.local.variants.cpu.prepull?; allowed: names, prepull",
        ),
        (
            {
                "clouds": {
                    "aws": {**SECTIONS["aws"], "variants": {"cuda": {"verifyInstanceTyp": ""}}}
                }
            },
            "did you mean dstack-images:clouds.aws.variants.cuda.verifyInstanceType?; allowed: ",
        ),
        ({"prepul": []}, "no such key; did you mean dstack-images:prepull?; allowed: clouds, doc"),
        ({"clouds": {"azzure": {}}}, "did you mean dstack-images:clouds.azure?; allowed: aws, az"),
        (
            {"clouds.local.diskGb": 10},
            "`pulumi config set --path dstack-images:clouds.local.diskGb <value>`",
        ),
        (
            {"clouds": {"local": {"variants": {"a3mega": {}}}}},
            "local has no a3mega; allowed: cpu, cu",
        ),
        (
            {"clouds": {"local": {"variants": {"grid": {}}}}},
            "the variant grid of local needs nvidia.",
        ),
        (
            {"clouds": {"aws": {**SECTIONS["aws"], "regions": ["mars-1"]}}},
            "aws has no region mars-1; allowed: af-south-1",
        ),
        (
            {"clouds": {"aws": {**SECTIONS["aws"], "homeRegion": "eu-west-11"}}},
            "aws has no region eu-west-11",
        ),
        (
            {
                "clouds": {"aws": {**SECTIONS["aws"], "deprecateAfterDays": 731}},
                "visibility": "public",
            },
            "clouds.aws.deprecateAfterDays of a public stack is at most 730",
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
        prefix="a-" * 120,
        epoch="x",
        colour="red",
        clouds={"local": {"variants": {"cpu": {}}, "x": 1}},
    )
    assert "has 4 mistakes" in text
    assert "local allows 200" in text, "names are judged though other keys are wrong"


def test_misplaced_key_is_told_with_the_others() -> None:
    config = flat({**LOCAL, "clouds": {}})
    config["dstack-image:releases"] = config.pop("dstack-images:releases")
    with pytest.raises(ConfigurationError) as caught:
        load(config)
    text = str(caught.value)
    assert "has 3 mistakes" in text
    assert "dstack-images:releases is missing" in text
    assert "did you mean dstack-images:releases?" in text
    assert "names no cloud" in text


@pytest.mark.parametrize(
    "key",
    [
        "aws:region",
        "azure-native:location",
        "azuread:tenantId",
        "command:x",
        "gcp:project",
        "oci:region",
        "pulumi:tags",
        "pulumi:disable-default-providers",
    ],
)
def test_keys_of_providers_and_of_pulumi_are_left_alone(key: str) -> None:
    assert load({**flat(LOCAL), key: "x"}).releases == ["0.14"]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("dstack-image:epoch", "did you mean dstack-images:epoch?"),
        ("Dstack-Images:epoch", "did you mean dstack-images:epoch?"),
        ("dstack_images:epoch", "did you mean dstack-images:epoch?"),
        ("azure_native:location", "did you mean azure-native:location?"),
        ("pulum:tags", "did you mean pulumi:tags?"),
        ("kubernetes:context", "the namespace kubernetes (allowed: dstack-images, aws, azure-"),
    ],
)
def test_key_that_nobody_reads_is_a_mistake(key: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({**flat(LOCAL), key: "s3cr3t"})
    text = str(caught.value)
    assert "has 1 mistake:" in text
    assert f"{key}: nobody reads" in text
    assert told in text
    assert "s3cr3t" not in text, "it may be a secret of something else"


@pytest.mark.parametrize("clouds", [{}, {"local": None}])
def test_stack_without_a_cloud_is_a_mistake(clouds: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(flat({**LOCAL, "clouds": clouds}))
    text = str(caught.value)
    assert "has 1 mistake:" in text
    assert (
        "clouds names no cloud; allowed: at least one of local, aws, azure, gcp, oci. To remove"
        in text
    )
    assert "run `pulumi destroy`" in text


@pytest.mark.parametrize("stack", ["local", "staging", "prod"])
def test_stack_files_are_right(stack: str) -> None:
    file = yaml.safe_load(Path(PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values = {key.removeprefix("dstack-images:"): value for key, value in file["config"].items()}
    if stack == "prod":
        # A person's to compute, once: Microsoft publishes none.
        with pytest.raises(ConfigurationError, match=r"1 mistake:.*\n.*`curl --location https://"):
            load(flat(values))
        values["nvidia"]["grid"]["sha256"] = "0" * 64
    settings = load(flat(values))
    assert settings.visibility == ("public" if stack == "prod" else "private")
    assert settings.immutable == (stack == "prod")
    if settings.clouds.aws:
        assert len(settings.clouds.aws.regions) == {"staging": 1, "prod": 11}[stack]
    if settings.clouds.azure:
        assert len(settings.clouds.azure.regions) == {"staging": 1, "prod": 16}[stack]


def test_a_region_that_is_not_known_is_a_doubt() -> None:
    """Clouds open regions faster than anybody writes lists: botocore knew ap-southeast-6 first."""
    found = settings(clouds={"aws": {**SECTIONS["aws"], "regions": ["eu-west-1", "eu-west-7"]}})
    (said,) = found.doubts()
    assert "eu-west-7, which may be new; if it is misspelt, eu-west-" in said
    assert settings(clouds={"aws": SECTIONS["aws"]}).doubts() == []


def test_all_regions_that_amazons_library_knows_are_known() -> None:
    assert set(boto3.Session().get_available_regions("ec2")) <= REGIONS.names
