"""Templates for a Packer that is older than they are."""

import re
from pathlib import Path

import pytest

from bakery.packer.pins import pins
from bakery.packer.program import Packer
from bakery.packer.template import template, without_marked
from images.catalog import CLOUDS, Cloud
from images.errors import BakeryError
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit


TEXT = """source "x" "y" {
  kept    = 1
  dropped = true # newer Packer
  block { # newer Packer
    inner {
      a = 1
    }
  }
  block {
    b = 2
  }
}
"""


def test_marked_lines_and_blocks_go_and_are_named() -> None:
    text, left_out = without_marked(TEXT)
    assert left_out == ["dropped = true", "block {"]
    assert (
        text
        == """source "x" "y" {
  kept    = 1
  block {
    b = 2
  }
}
"""
    )


def test_block_without_an_end_is_a_mistake_of_the_template() -> None:
    with pytest.raises(BakeryError, match=r"block 'block \{' does not end"):
        without_marked("block { # newer Packer\n  a = 1\n")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_todays_packer_gets_the_whole_template_and_what_may_run_it(
    cloud: Cloud, tmp_path: Path
) -> None:
    found = template(Packer("packer", "1.16.0", {}), cloud, tmp_path)
    assert (found.folder, found.left_out) == (tmp_path / "template", [])
    machine = (found.folder / f"{cloud}.pkr.hcl").read_text()
    assert machine == (PROJECT / "packer" / f"{cloud}.pkr.hcl").read_text()
    required = (found.folder / "plugins.pkr.hcl").read_text()
    assert required.count("required_plugins {") == 1
    for version in pins(cloud).values():
        assert f'version = "= {version}"' in required


@pytest.mark.parametrize("cloud", CLOUDS)
def test_builds_have_the_clouds_own_builder(cloud: Cloud, tmp_path: Path) -> None:
    folder = template(Packer("packer", "1.6.6", {}), cloud, tmp_path).folder
    (builder,) = re.findall(r'^source "(.*)" "machine"', _text(folder, cloud), re.MULTILINE)
    sources = re.findall(r"sources = (.*)", _text(folder, "build"))
    assert sources == [f'["source.{builder}.machine"]'] * 2


def test_old_packer_gets_what_it_knows(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.6.6", {}), "aws", tmp_path)
    assert "skip_create_ami = var.throw_away" in found.left_out
    text = _text(found.folder, "aws")
    assert "newer Packer" not in text.partition("variable")[2]
    assert not (found.folder / "plugins.pkr.hcl").exists(), "it knows no such block"


def _text(folder: Path, name: str) -> str:
    return (folder / f"{name}.pkr.hcl").read_text()
