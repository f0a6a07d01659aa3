"""Whose a run is: the name of the machine that drives it."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bakery.run_owner import is_dead, run_owner
from images.errors import BakeryError
from images.tags import BAKE, EXPIRES, RUN_OWNER

pytestmark = pytest.mark.unit


def test_first_bakes_of_a_home_agree_on_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variants of a stack are baked side by side."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    made = secrets.token_hex

    def slowly(count: int) -> str:
        time.sleep(0.05)
        return made(count)

    monkeypatch.setattr(secrets, "token_hex", slowly)
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: run_owner(), range(8)))
    assert names == {run_owner()}


def test_next_workflow_takes_over_what_a_cut_off_one_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hosted machine has a new home each time, and GitHub kills before Packer has cleaned up."""
    bake = "dstack-bake-cpu-0123456789ab"
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "first"))
    later = str(int(time.time()) + 3600)

    def left() -> dict[str, str]:
        return {BAKE: bake, RUN_OWNER: run_owner(), EXPIRES: later}

    unnamed = left()
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "dstackai-dstack-production")
    named = left()
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "second"))
    assert is_dead(named, bake, "prod")
    assert not is_dead(unnamed, bake, "prod"), "another machine may be at work on it"


@pytest.mark.parametrize("name", ["dstackai/dstack", "Prod", "-prod", "p" * 64])
def test_owner_that_a_cloud_would_refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", name)
    with pytest.raises(BakeryError, match="cannot be a tag in every cloud; allowed"):
        run_owner()
