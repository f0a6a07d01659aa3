"""The oracle-oci that the old Packer has inside, in a simulated tenancy, killed in the middle.

It knows no address but Oracle's own, so it and the bakery are led to the tenancy by a proxy, which
verifies what they sign.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, SUBNET, job, target
from tests.fakes.running_bakery import bakery, group_of, kill_all
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME

pytestmark = pytest.mark.packer

_PATIENCE = 60
_INSTANCES = "/20160918/instances"


@dataclass
class Place:
    """A tenancy, and a home of the bakery to which that is Oracle Cloud."""

    tenancy: OciTenancy
    home: Path
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def bake(self) -> "subprocess.Popen[str]":
        env = {**self.tenancy.env(), "DSTACK_IMAGES_RUN_OWNER": "this-one"}
        process = bakery("bake", job(target()).model_dump_json(), env, self.home)
        self.started.append(process)
        return process

    def await_machine(self, process: "subprocess.Popen[str]", earlier: int = 0) -> dict[str, Any]:
        """The one for whose SSH Packer waits, beyond those that were there before."""
        limit = time.monotonic() + _PATIENCE
        while not self._waits(earlier):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < limit
            time.sleep(0.1)
        return list(self.machines.values())[-1]

    def _waits(self, earlier: int) -> bool:
        newest = max(self.home.rglob("*-bake.log"), default=None)
        said = newest.read_text() if newest else ""
        return len(self.machines) > earlier and "Waiting for SSH" in said

    @property
    def machines(self) -> dict[str, dict[str, Any]]:
        return self.tenancy.api.region(HOME).machines.all

    def alive(self) -> int:
        return len(self.tenancy.api.region(HOME).machines.alive())

    def launches(self) -> int:
        asked = [(one.method, one.path) for one in self.tenancy.api.sent]
        return asked.count(("POST", _INSTANCES))


@pytest.fixture(scope="module")
def old_packer() -> None:
    """Newer ones leave it to a plugin, which asks in other words."""
    told = subprocess.run(["packer", "version"], capture_output=True, text=True, check=True).stdout
    if re.search(r"v1\.[0-6]\.", told) is None:
        pytest.skip(f"the simulated Oracle Cloud does not know how {told.split()[1]} asks")


@pytest.fixture
def place(old_packer: None, tmp_path: Path) -> Iterator[Place]:
    with OciTenancy() as tenancy:
        found = Place(tenancy, tmp_path / "home")
        yield found
        for process in found.started:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=_PATIENCE)
        assert tenancy.proxy.refused == [], "nobody asks for what is not Oracle's"


def stopped(process: "subprocess.Popen[str]") -> str:
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    return told


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


def test_cancelled_while_there_is_no_capacity(place: Place) -> None:
    """It passes, so that it is tried again; whoever cancels between two tries ends it."""
    place.tenancy.api.faults.no_capacity = True
    process = place.bake()
    limit = time.monotonic() + _PATIENCE
    while place.launches() < 2:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < limit
        time.sleep(0.1)
    told = stopped(process)
    assert "'Out of host capacity', which passes: trying again" in told
    tried = place.launches()
    time.sleep(1)
    assert place.launches() == tried, "nobody goes on"
    assert place.alive() == 0


def test_a_key_that_nobody_has_ends_it_at_once(place: Place) -> None:
    unknown = ":".join(["0c"] * 16)
    env = place.tenancy.env(fingerprint=unknown)
    process = bakery("bake", job(target()).model_dump_json(), env, place.home)
    _, told = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 1
    assert "Oracle Cloud does not know this key (401" in told
    assert place.machines == {}
