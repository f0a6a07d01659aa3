"""The real Packer's oracle-oci in a simulated tenancy, killed in the middle.

It knows no address but Oracle's own, so it and the bakery are led to the tenancy by a proxy, which
verifies what they sign.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, SUBNET, job, target
from tests.fakes.running_bakery import bakery, group_of, kill_all
from tests.packer.oci_place import PATIENCE, Place, stopped
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME

pytestmark = pytest.mark.packer


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with OciTenancy() as tenancy:
        found = Place(tenancy, tmp_path / "home")
        yield found
        found.close()


def test_machine_is_what_was_asked_for_and_carries_what_it_takes_to_find_it(place: Place) -> None:
    """Cancelled, Packer removes it by itself; until then its tags say whose it is."""
    process = place.bake()
    machine = place.await_machine(process)
    tags = machine["freeformTags"]
    assert (tags["dstack-stack"], tags["dstack-bake"], tags["Name"]) == ("test", BAKE, BAKE)
    assert int(tags["dstack-expires"]) > time.time()
    launched = machine["_launched"]
    assert machine["displayName"] == BAKE
    assert (launched["compartmentId"], launched["shape"]) == (COMPARTMENT, "VM.Standard2.1")
    assert launched["availabilityDomain"] == "kZql:EU-FRANKFURT-1-AD-3"
    assert launched["sourceDetails"]["bootVolumeSizeInGBs"] == 50
    assert (
        launched["sourceDetails"]["imageId"]
        == place.tenancy.api.region(HOME).images.platform()["id"]
    )
    card = launched["createVnicDetails"]
    assert (card["subnetId"], card["assignPublicIp"]) == (SUBNET, True)
    assert card["freeformTags"] == tags
    assert launched["metadata"]["ssh_authorized_keys"].startswith("ssh-rsa ")
    told = stopped(process)
    assert "cancelled" in told
    assert "removing machine" not in told, "Packer did it"
    assert place.alive() == 0
    assert place.tenancy.api.images() == []


def test_its_key_is_named_and_never_shown(place: Place) -> None:
    process = place.bake()
    place.await_machine(process)
    secret = Path(place.tenancy.key_file).read_text().splitlines()[3]
    told = stopped(process)
    files = [one for one in place.home.rglob("*") if one.is_file()]
    assert [one for one in files if secret in one.read_text(errors="replace")] == []
    kept = place.tenancy.api.region(HOME).store.bucket(BUCKET).objects
    assert kept, "the log of what was cancelled"
    assert secret not in told + "".join(kept.values())


def test_killed_packer_leaves_a_machine_and_the_bakery_removes_it(place: Place) -> None:
    process = place.bake()
    place.await_machine(process)
    os.killpg(group_of(place.home, BAKE), signal.SIGKILL)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "Packer was killed by SIGKILL" in told
    assert f"removing machine {BAKE}" in told
    assert place.alive() == 0


def test_all_killed_at_once_is_mended_by_the_next_run(place: Place) -> None:
    process = place.bake()
    place.await_machine(process)
    kill_all(process, group_of(place.home, BAKE))
    process.communicate()
    assert place.alive() == 1
    again = place.bake()
    place.await_machine(again, 1)
    assert place.alive() == 1, "the first one is gone"
    told = stopped(again)
    assert f"removing machine {BAKE}" in told
    assert place.alive() == 0


def test_a_key_that_nobody_has_ends_it_at_once(place: Place) -> None:
    unknown = ":".join(["0c"] * 16)
    env = place.tenancy.env(fingerprint=unknown)
    process = bakery("bake", job(target()).model_dump_json(), env, place.home)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Oracle Cloud does not know this key (401" in told
    assert place.machines == {}
