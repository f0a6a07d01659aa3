"""The committed stack files are such that workflows can work with them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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
