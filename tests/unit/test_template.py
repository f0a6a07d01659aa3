"""Templates for a Packer that is older than they are."""

from pathlib import Path

import pytest

from bakery.packer.pins import pins
from bakery.packer.program import Packer
from bakery.packer.template import template, without_marked
from images.catalog import Cloud
from images.errors import BakeryError
from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

CLOUDS_WITH_TEMPLATES: tuple[Cloud, ...] = ("local", "aws", "azure", "gcp", "oci")

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


@pytest.mark.parametrize("cloud", CLOUDS_WITH_TEMPLATES)
def test_todays_packer_gets_the_whole_template_and_what_may_run_it(
    cloud: Cloud, tmp_path: Path
) -> None:
    found = template(Packer("packer", "1.16.0", {}), cloud, tmp_path)
    assert (found.file, found.left_out) == (tmp_path / f"{cloud}.pkr.hcl", [])
    text = found.file.read_text()
    assert text.startswith((PROJECT / "packer" / f"{cloud}.pkr.hcl").read_text())
    assert text.count("required_plugins {") == 1
    for version in pins(cloud).values():
        assert f'version = "= {version}"' in text


def test_old_packer_gets_a_copy(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.6.6", {}), "aws", tmp_path)
    assert found.file == tmp_path / "aws.pkr.hcl"
    assert "skip_create_ami = var.throw_away" in found.left_out
    text = found.file.read_text()
    assert "newer Packer" not in text.partition("variable")[2]
    assert "required_plugins" not in text, "it knows no such block"


def test_template_without_marks_is_used_by_every_packer(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.6.6", {}), "local", tmp_path)
    assert found.file == Path("packer/local.pkr.hcl")
