"""Templates for a Packer that is older than they are."""

from pathlib import Path

import pytest

from bakery.errors import BakeryError
from bakery.packer import Packer
from bakery.template import template, without_marked

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


def test_todays_packer_gets_the_template_as_it_is(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.16.0", {}), "aws", tmp_path)
    assert (found.file, found.left_out) == (Path("packer/aws.pkr.hcl"), [])


def test_old_packer_gets_a_copy(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.6.6", {}), "aws", tmp_path)
    assert found.file == tmp_path / "aws.pkr.hcl"
    assert "skip_create_ami = var.throw_away" in found.left_out
    assert "newer Packer" not in found.file.read_text().partition("variable")[2]


def test_template_without_marks_is_used_by_every_packer(tmp_path: Path) -> None:
    found = template(Packer("packer", "1.6.6", {}), "local", tmp_path)
    assert found.file == Path("packer/local.pkr.hcl")
