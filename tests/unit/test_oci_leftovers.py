"""What dead runs leave in a tenancy of Oracle Cloud goes, and what living ones have stays."""

import threading

import pytest

from bakery.oci import clients, images
from bakery.oci.adapter import Oci
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.errors import BakeryError
from images.naming import bake_name
from tests.fakes.bake_jobs import BAKE, DIGEST
from tests.fakes.oci_jobs import add_image, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy
from tests.unit.oci_tenancy import add_machine, machines, names, run_tags
from tests.unit.unit_samples import ago

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def test_what_a_dead_run_of_this_machine_left_goes(tenancy: OciTenancy) -> None:
    """The image of a capture that was cancelled, which is still being made, too."""
    add_machine(tenancy, run_owner())
    add_image(tenancy, BAKE, **run_tags(run_owner()))["lifecycleState"] = "PROVISIONING"
    Oci(target(), "test").sweep(BAKE, Progress())
    assert (machines(tenancy), names(tenancy)) == ([], [])


def test_capture_that_never_ends_is_not_waited_for_for_ever(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_PATIENCE", 0.3)
    stuck = add_image(tenancy, BAKE, **run_tags(run_owner()))
    stuck |= {"lifecycleState": "PROVISIONING", "_stuck": True}
    with pytest.raises(BakeryError, match="is not done after 0 s"):
        Oci(target(), "test").sweep(BAKE, Progress())


def test_machine_of_which_an_image_is_made_goes_when_that_is_done(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That may take longer than what passes is asked again; before, the machine is not ended."""
    monkeypatch.setattr(clients, "PATIENCE", 0)
    add_machine(tenancy, run_owner())
    image = add_image(tenancy, BAKE, **run_tags(run_owner()))
    image |= {"lifecycleState": "PROVISIONING", "_stuck": True}
    machine = tenancy.api.region(HOME).machines.alive()[0]
    machine |= {"lifecycleState": "CREATING_IMAGE", "_image": image}
    threading.Timer(1, tenancy.api.finish_captures).start()
    Oci(target(), "test").sweep(BAKE, Progress())
    assert (machines(tenancy), names(tenancy)) == ([], [])


def test_machines_that_have_ended_are_nobodys_work(tenancy: OciTenancy) -> None:
    """They stay listed for half a day, tags and all."""
    add_machine(tenancy, "another")
    tenancy.api.region(HOME).machines.alive()[0]["lifecycleState"] = "TERMINATED"
    Oci(target(), "test").sweep(BAKE, Progress())


@pytest.mark.parametrize("what", ["machine", "image"])
def test_run_that_is_alive_elsewhere_is_left_alone(tenancy: OciTenancy, what: str) -> None:
    if what == "machine":
        add_machine(tenancy, "another")
    else:
        add_image(tenancy, BAKE, **run_tags("another"))
    with pytest.raises(BakeryError, match=r"another machine \(another\) is at work"):
        Oci(target(), "test").sweep(BAKE, Progress())
    assert machines(tenancy) + names(tenancy) == [BAKE]


def test_what_expired_goes_if_it_is_the_stacks(tenancy: OciTenancy) -> None:
    other = bake_name("cuda", DIGEST)
    add_machine(tenancy, "another", other, ago())
    Oci(target(), "somebody").sweep(BAKE, Progress())
    assert machines(tenancy) == [other]
    Oci(target(), "test").sweep(BAKE, Progress())
    assert machines(tenancy) == []


def test_more_than_a_page_is_looked_at(tenancy: OciTenancy) -> None:
    for number in range(5):
        add_image(tenancy, f"somebody-elses-{number}")
    add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_expires=ago())
    Oci(target(), "test").sweep(BAKE, Progress())
    assert len(names(tenancy)) == 5
