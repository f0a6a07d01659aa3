"""What the content address covers, and what it does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.content import Content
from images.digest import digest_of, verification_digest
from images.errors import InputUnreadable
from tests.unit.unit_samples import local_images

pytestmark = pytest.mark.unit

GPU = {"clouds": {"local": {"variants": {"cuda": {}}}}}


def content(checkout: Path, source: str = "debian-12", **changes: Any) -> Content:
    return local_images(checkout, source, **changes)[0].content


def edited(checkout: Path, file: str) -> None:
    path = checkout / file
    path.write_text(path.read_text(encoding="utf-8") + "\n#\n", encoding="utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 1},
        {"docker": {"source": "docker.com", "version": "27.1.1"}},
        {"prepull": ["some/image:1"]},
        {"source": "ubuntu-24.04"},
        {"clouds": {"local": {"variants": {"cpu": {}}, "diskGb": 12}}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_content_changes_the_digest(checkout: Path, changes: dict[str, Any]) -> None:
    assert content(checkout, **changes).digest != content(checkout).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"releases": ["0.15"]},
        {"prefix": "stgn-9-"},
        {"visibility": "public"},
        {"immutable": True},
        {"verify": False},
        {"timeLimitMinutes": 5},
        {"nvidia": {"branch": "590"}},
        {"clouds": {"local": {"variants": {"cpu": {}}, "cpus": 8, "memoryMb": 9000, "place": "x"}}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_else_does(checkout: Path, changes: dict[str, Any]) -> None:
    assert content(checkout, **changes).inputs == content(checkout).inputs


@pytest.mark.parametrize(
    "file", ["packer/local.pkr.hcl", "packer/provision/lib.sh", "packer/provision/clean.sh"]
)
def test_files_that_make_the_image_change_it(checkout: Path, file: str) -> None:
    before = content(checkout)
    edited(checkout, file)
    after = content(checkout)
    assert [new for new in after.inputs if new not in before.inputs] == [
        part for part in after.inputs if part.startswith(f"{file}=")
    ]
    assert after.digest != before.digest


@pytest.mark.parametrize(
    "file", ["packer/provision/cuda.sh", "packer/checks/docker.sh", "packer/base/debian-12.sh"]
)
def test_files_that_this_variant_does_not_run_do_not(checkout: Path, file: str) -> None:
    before = content(checkout)
    edited(checkout, file)
    assert content(checkout).digest == before.digest


def test_driver_branch_is_content_where_there_is_a_driver(checkout: Path) -> None:
    one, other = ({**GPU, "nvidia": {"branch": branch}} for branch in ("580", "590"))
    assert content(checkout, **one).digest != content(checkout, **other).digest


def test_place_of_the_checkout_is_no_part(checkout: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    before = content(checkout).inputs
    checkout.rename(moved)
    assert content(moved).inputs == before
    assert not [part for part in before if str(tmp_path) in part]


def test_changed_check_is_another_verification_of_the_same_content(checkout: Path) -> None:
    before = content(checkout)
    edited(checkout, "packer/checks/docker.sh")
    after = content(checkout)
    assert after.digest == before.digest
    assert verification_digest(after.digest, after.check_inputs) != verification_digest(
        before.digest, before.check_inputs
    )


def missing(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [missing, folder])
def test_step_that_cannot_be_read_is_named(checkout: Path, spoil: Callable[[Path], None]) -> None:
    spoil(checkout / "packer/provision/docker.sh")
    with pytest.raises(InputUnreadable, match=r"packer/provision/docker\.sh"):
        content(checkout)


def test_parts_are_told_apart() -> None:
    assert digest_of(["a", "b"]) != digest_of(["b", "a"])
    assert digest_of(["a", "b"]) != digest_of(["a\nb"])
    assert digest_of(["a", "b"]) == digest_of(iter(["a", "b"]))


def test_bake_is_named_by_its_content(checkout: Path) -> None:
    made = content(checkout)
    assert made.bake == f"dstack-bake-cpu-{made.digest[:12]}"
