"""The real Packer's oracle-oci in a simulated tenancy, from the launch to the image.

By the Packer on PATH, and by today's where that is another one and there. The machine that it makes
the image of is a root file system of this host with a real SSH server.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from images.record import BakeRecord
from images.tags import BAKE as BAKE_TAG
from images.tags import DIGEST, RECORD, STACK, VARIANT
from tests.fakes.bake_jobs import BAKE
from tests.fakes.bake_jobs import DIGEST as DIGEST_OF_JOB
from tests.fakes.oci_jobs import BUCKET
from tests.packer.oci_place import Place
from tests.packer.ssh_machine import SshMachine
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME

pytestmark = pytest.mark.packer


@pytest.fixture(params=["on PATH", "today's"], autouse=True)
def packer(request: pytest.FixtureRequest) -> str:
    if request.param == "today's":
        request.getfixturevalue("todays_packer")
    return request.param


@pytest.fixture
def machine(tmp_path: Path, packer: str) -> Iterator[SshMachine]:
    folder = tmp_path / "hardware"
    folder.mkdir()
    with SshMachine(folder) as found:
        yield found


@pytest.fixture
def place(machine: SshMachine, tmp_path: Path) -> Iterator[Place]:
    with OciTenancy() as tenancy:
        tenancy.api.hardware = machine
        env = {"PATH": f"{machine.packer()}:{os.environ['PATH']}"}
        found = Place(tenancy, tmp_path / "home", env)
        yield found
        found.close()


def test_image_is_of_the_machine_that_was_provisioned(place: Place, machine: SshMachine) -> None:
    process = place.bake(seal=["clean"])
    found, told = process.communicate(timeout=180)
    assert process.returncode == 0, told
    record = BakeRecord.model_validate_json(found)
    (image,) = place.tenancy.api.images()
    assert (record.image_id, image["displayName"]) == (image["id"], BAKE)
    tags = image["freeformTags"]
    assert set(tags) == {"Name", BAKE_TAG, STACK, VARIANT, DIGEST, RECORD}
    assert (tags[STACK], tags[DIGEST]) == ("test", DIGEST_OF_JOB)
    assert record.versions.os == "Debian GNU/Linux 12 (bookworm)", "the machine's own word"
    assert (
        "openssh-server"
        in place.tenancy.api.region(HOME).store.bucket(BUCKET).objects[f"packages/{BAKE}.txt"]
    )

    region = place.tenancy.api.region(HOME)
    assert place.alive() == 0
    launched = next(iter(place.machines.values()))["_launched"]
    if record.builder.plugins:
        assert launched["instanceOptions"] == {"areLegacyImdsEndpointsDisabled": True}
        (schema,) = region.schemas.all.values()
        assert (schema["imageId"], schema["freeformTags"][BAKE_TAG]) == (image["id"], BAKE)
    else:
        assert "instance_options_are_legacy_imds_endpoints_disabled" in str(record.builder.left_out)
    kept = region.store.bucket(BUCKET).objects
    assert "openssh-server" in kept[f"packages/{BAKE}.txt"]
    assert not machine.lets_in(), "what logged in to bake is not in the image"
    files = [one for one in place.home.rglob("*") if one.is_file()]
    assert [one for one in files if b"PRIVATE KEY" in one.read_bytes()] == []

    again = place.bake(seal=["clean"])
    assert "nothing to bake" in again.communicate(timeout=60)[1]
    assert place.launches() == 1


def test_cancelled_while_the_image_is_made(place: Place, machine: SshMachine) -> None:
    """Packer can neither stop that nor end the machine meanwhile; the bakery sees to both."""
    place.tenancy.api.faults.captures_stick = True
    process = place.bake()
    place.await_log(process, "Creating image from instance")
    process.send_signal(signal.SIGTERM)
    place.await_log(process, "Error terminating instance")
    place.tenancy.api.finish_captures()
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "cancelled" in told
    assert f"removing image {BAKE}, which was never completed" in told
    assert (place.alive(), place.tenancy.api.images()) == (0, [])
    assert machine.lets_in(), "nothing has sealed it"
