"""Whose a run is: the name of the machine that drives it."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bakery.driver import driver

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
        names = set(threads.map(lambda _: driver(), range(8)))
    assert names == {driver()}
