"""The committed stack files are such that workflows can work with them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.content import regional_images
from config.cloud import RegionalSettings
from config.stack import Stack
from images.errors import UserError
from ops.__main__ import main
from ops.stacks import settings_of
from tests.fakes.stack_files import use_folder
from tests.workflows.workflow_files import PROJECT, load
from tools.workflow import expire

pytestmark = pytest.mark.unit

RELEASES = (PROJECT / "docs" / "releases.md").read_text(encoding="utf-8")
EACH_STACK = pytest.mark.parametrize("stack", ["staging", "prod"])


def config(stack: str) -> dict[str, Any]:
    """Of the committed file."""
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]


def filled_in() -> dict[str, Any]:
    """Prod's, with the checksum that a person computes once, before its first `up`."""
    found = config("prod")
    found["dstack-images:nvidia"]["grid"].setdefault("sha256", "0" * 64)
    return found


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_folder(tmp_path, monkeypatch)
    return tmp_path / "Pulumi.prod.yaml"


def test_staging_can_be_loaded() -> None:
    assert settings_of("staging").clouds.selected()


def test_prod_can_be_loaded_but_for_a_checksum_that_its_pages_ask_for(copy: Path) -> None:
    copy.write_text(yaml.safe_dump({"config": filled_in()}))
    assert settings_of("prod").clouds.selected()
    if "sha256" not in config("prod")["dstack-images:nvidia"]["grid"]:
        copy.write_text(yaml.safe_dump({"config": config("prod")}))
        with pytest.raises(
            UserError, match=r"has 1 mistake:\s.*needs nvidia.grid with url and sha"
        ):
            settings_of("prod")
        assert "`nvidia.grid.sha256`" in RELEASES.partition("## Once")[2]


@EACH_STACK
def test_a_prefix_is_that_of_no_run(stack: str) -> None:
    """GitHub counts the runs of a workflow from 1."""
    prefix = config(stack).get("dstack-images:prefix", "").removesuffix("-")
    assert not re.fullmatch(r"stgn-[1-9]\d*", prefix)
    assert not expire.stacks(f'[{{"name": "{stack}"}}]')


@pytest.mark.parametrize("releases", [["0.15"], ["0.15", "0.16"]], ids=len)
def test_a_release_beside_the_one_before_costs_less_than_its_workflow_allows(
    copy: Path, releases: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    copy.write_text(yaml.safe_dump({"config": {**filled_in(), "dstack-images:releases": releases}}))
    prod = load(PROJECT / ".github" / "workflows" / "prod.yml")[True]  # type: ignore[index]
    allowed = prod["workflow_dispatch"]["inputs"]["max_cost"]["default"]
    assert main(["cost", "--stack", "prod", "--json", "--max", str(allowed)]) == 0
    total = json.loads(capsys.readouterr().out)["total"]
    assert re.search(rf"\b{total:.0f}\b.*\bof {allowed} that are allowed", RELEASES, re.DOTALL)


@EACH_STACK
def test_each_cloud_that_can_trusts_the_repository_of_the_pages(stack: str) -> None:
    """Oracle Cloud knows no such trust; a cloud without it has no output to log in by."""
    trusted = {
        cloud: (section["github"]["repository"], section["github"]["environment"])
        for cloud, section in config(stack)["dstack-images:clouds"].items()
        if "github" in section
    }
    (repository,) = set(re.findall(r"gh attestation verify .* --repo (\S+)", RELEASES))
    environment = {"staging": "staging", "prod": "production"}[stack]
    assert trusted == dict.fromkeys(("aws", "gcp", "azure"), (repository, environment))
    assert "`github.repository`" in RELEASES.partition("## Once")[2]


def contents(stack: str) -> dict[str, list[str]]:
    """What each image of a stack's file is made of."""
    settings = settings_of(stack)
    found: dict[str, list[str]] = {}
    for chosen in settings.clouds.selected().values():
        assert isinstance(chosen, RegionalSettings)
        of_cloud = regional_images(Stack.of(settings, stack, stack), settings, chosen)
        found |= {str(wanted.key): wanted.content.inputs for wanted in of_cloud}
    return found


def test_prod_has_the_content_that_staging_tries(copy: Path) -> None:
    """Each run reads its own stack's file: what differs is baked by prod, and public at once."""
    copy.write_text(yaml.safe_dump({"config": filled_in()}))
    (copy.parent / "Pulumi.staging.yaml").write_text(yaml.safe_dump({"config": config("staging")}))
    staging, prod = contents("staging"), contents("prod")
    common = staging.keys() & prod.keys()
    assert len(common) >= 7
    different = {
        image: sorted(set(staging[image]) ^ set(prod[image]))
        for image in common
        if staging[image] != prod[image]
    }
    assert not different, (
        "Pulumi.prod.yaml would bake what staging never tries. Pin both files: "
        "`python -m ops pin -s staging --write`, `python -m ops pin -s prod --write`; what neither "
        "writes (nvidia.branch, docker.version) is changed in both by hand"
    )
