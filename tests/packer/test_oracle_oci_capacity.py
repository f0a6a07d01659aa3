"""The real Packer's oracle-oci in a simulated tenancy that has no machine to give.

Today's goes on launching for minutes, whoever tells it to stop (hashicorp/packer-plugin-oracle
1.1.2, builder/oci/driver_oci.go, retryPolicy); the one before plugins fails, and is tried again.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bakery.bake import bake
from bakery.caller import Caller
from bakery.oci.adapter import Oci
from bakery.progress import Progress
from images.errors import Interrupted
from tests.fakes.oci_jobs import job, target
from tests.packer.oci_place import Place
from tests.simulators.oci.server import OciTenancy

pytestmark = pytest.mark.packer


class Leaving(Caller):
    """Goes as soon as something is so."""

    def __init__(self, when: Callable[[], bool]) -> None:
        self.progress, self.lock, self._when = Progress(), None, when

    def gone(self) -> bool:
        return self._when()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with OciTenancy() as tenancy:
        tenancy.api.faults.no_capacity = True
        home = tmp_path / "home"
        for name, value in {**tenancy.env(), "DSTACK_IMAGES_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        yield Place(tenancy, home)


def cancelled(place: Place, launches: int) -> str:
    """A bake whose caller goes after so many launches; returns what it said last."""
    work = target()
    caller = Leaving(lambda: place.launches() >= launches)
    with pytest.raises(Interrupted) as told:
        bake(job(work), Oci(work, "test"), caller)
    return str(told.value)


def test_cancelled_when_it_was_tried_again(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the Packer on PATH, between two attempts or in the second."""
    assert "cancelled" in cancelled(place, 2)
    assert "'Out of host capacity', which passes: trying again" in capsys.readouterr().err
    nobody_goes_on(place)


def test_packer_that_goes_on_is_killed(
    todays_packer: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Oci, "grace", 3.0)
    assert "Packer was stopped" in cancelled(place, 1)
    nobody_goes_on(place)


def test_machine_that_comes_after_all_goes_too(todays_packer: str, place: Place) -> None:
    """There is capacity again while Packer, which has been told to stop, goes on launching."""

    def launched() -> bool:
        place.tenancy.api.faults.no_capacity = place.launches() < 1
        return place.launches() >= 1

    work = target()
    with pytest.raises(Interrupted):
        bake(job(work), Oci(work, "test"), Leaving(launched))
    assert len(place.machines) == 1, "it was launched"
    nobody_goes_on(place)


def nobody_goes_on(place: Place) -> None:
    tried = place.launches()
    # Longer than the pauses before the third and the fourth launch.
    time.sleep(10)
    assert place.launches() == tried
    assert place.alive() == 0
    assert place.tenancy.proxy.refused == []
