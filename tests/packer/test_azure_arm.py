"""The azure-arm that the old Packer has inside, in a simulated subscription, killed in the middle.

It knows no address but Azure's own, so it and the bakery are led to the subscription by a proxy.
Both may do what the roles of a stack say, and no more.
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

from tests.fakes.azure_jobs import ACCOUNT, BUILD_GROUP, GROUP, add_baker, job, prepare, target
from tests.fakes.bake_jobs import BAKE
from tests.fakes.running_bakery import bakery, group_of, kill_all, processes_of
from tests.simulators.azure.login import LoginRefused
from tests.simulators.azure.proxy import AzureProxy
from tests.simulators.azure.subscription import AzureSubscription

pytestmark = pytest.mark.packer

#: Like no other word.
SECRET = "correct~horse~battery~staple"
DISK = "Microsoft.Compute/disks"
MACHINE = "Microsoft.Compute/virtualMachines"
RULES = "Microsoft.Network/networkSecurityGroups"
TAGGED = [
    MACHINE,
    "Microsoft.Network/networkInterfaces",
    RULES,
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/virtualNetworks",
]
_PATIENCE = 60


@dataclass
class Place:
    """A subscription, and a home of the bakery to which that is Azure."""

    subscription: AzureSubscription
    proxy: AzureProxy
    home: Path
    client: str
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def bake(self, secret: str = SECRET) -> "subprocess.Popen[str]":
        """With the least that the template takes."""
        steps = {"prepare": ["apt-quiet"], "install": ["inventory"], "seal": ["kernel-tuning"]}
        found = job(target(self.subscription, endpoint=None)).model_copy(update=steps)
        trusting = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
        env = {
            "ARM_CLIENT_ID": self.client,
            "ARM_CLIENT_SECRET": secret,
            **dict.fromkeys(trusting, self.subscription.ca_file),
            **self.proxy.env,
        }
        process = bakery("bake", found.model_dump_json(), env, self.home)
        self.started.append(process)
        return process

    def await_machine(self, process: "subprocess.Popen[str]", earlier: str = "") -> str:
        """The name of the one for whose SSH Packer waits, which is not the earlier one."""
        limit = time.monotonic() + _PATIENCE
        while not self._waits(earlier):
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.1)
        (machine,) = self.of_type(MACHINE)
        return machine["name"]

    def _waits(self, earlier: str) -> bool:
        names = {one["name"] for one in self.of_type(MACHINE)} - {earlier}
        newest = max(self.home.rglob("*-bake.log"), default=None)
        return bool(names) and newest is not None and "Waiting for SSH" in newest.read_text()

    def of_type(self, type: str) -> list[dict[str, Any]]:
        return self.subscription.api.arm.resources.of(type, BUILD_GROUP)

    def types(self) -> list[str]:
        """Of what is in both groups beside the stack's container."""
        groups = (GROUP, BUILD_GROUP)
        ids = [id for group in groups for id in self.subscription.resources(group)]
        found = (id.partition("/providers/")[2] for id in ids)
        return sorted(id.rpartition("/")[0] for id in found if f"/{ACCOUNT}" not in id)


@pytest.fixture(scope="module")
def old_packer() -> None:
    """Newer ones leave it to a plugin, which asks in other words."""
    told = subprocess.run(["packer", "version"], capture_output=True, text=True, check=True).stdout
    if re.search(r"v1\.[0-6]\.", told) is None:
        pytest.skip(f"the simulated Azure does not know how {told.split()[1]} asks")


@pytest.fixture
def place(old_packer: None, tmp_path: Path) -> Iterator[Place]:
    with AzureSubscription() as subscription, AzureProxy(subscription.address) as proxy:
        prepare(subscription)
        client = add_baker(subscription, SECRET)
        found = Place(subscription, proxy, tmp_path / "home", client)
        yield found
        for process in found.started:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=_PATIENCE)
        assert proxy.refused == [], "nobody asks for what is not Azure's"


def stopped(process: "subprocess.Popen[str]") -> str:
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    return told


def test_machine_carries_what_it_takes_to_find_it(place: Place) -> None:
    """Cancelled, Packer removes it by itself; until then its tags say whose it is."""
    process = place.bake()
    place.await_machine(process)
    assert place.types() == [DISK, *TAGGED]
    for type in TAGGED:
        (found,) = place.of_type(type)
        tags = found["tags"]
        assert (tags["dstack-stack"], tags["dstack-bake"], tags["Name"]) == ("test", BAKE, BAKE)
        assert int(tags["dstack-expires"]) > time.time()
    (disk,) = place.of_type(DISK)
    assert "tags" not in disk, "no tag of a machine gets to its disk"
    (group,) = place.of_type(RULES)
    rules = [one["properties"] for one in group["properties"]["securityRules"]]
    sources = [one["sourceAddressPrefixes"] for one in rules if one["access"] == "Allow"]
    assert sources == [["192.0.2.1/32"]], "nobody else gets in"
    assert group["id"] in str(place.of_type("Microsoft.Network/virtualNetworks"))
    told = stopped(process)
    assert "cancelled" in told
    removed = [line.partition("removing ")[2] for line in told.splitlines() if "removing " in line]
    assert [one for one in removed if not one.startswith("disk ")] == [], "Packer did it"
    assert place.types() == []
    assert place.subscription.api.arm.deployments.made == {}


def test_the_secret_is_in_the_environment_only(place: Place) -> None:
    process = place.bake()
    place.await_machine(process)
    group = group_of(place.home, BAKE)
    packer = Path(f"/proc/{group}/environ").read_bytes()
    assert f"PKR_VAR_client_secret={SECRET}".encode() in packer.split(b"\0")
    running = processes_of(process, group)
    assert len(running) > 2
    for pid in running:
        assert SECRET.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    files = [one for one in place.home.rglob("*") if one.is_file()]
    assert "variables.pkrvars.json" in [one.name for one in files]
    assert [one for one in files if SECRET.encode() in one.read_bytes()] == []
    told = stopped(process)
    assert SECRET not in told
    kept = place.subscription.api.objects(ACCOUNT, "records")
    assert kept
    assert not [name for name, text in kept.items() if SECRET in text]


def test_killed_packer_leaves_a_machine_and_the_bakery_removes_it(place: Place) -> None:
    process = place.bake()
    machine = place.await_machine(process)
    (disk,) = place.of_type(DISK)
    os.killpg(group_of(place.home, BAKE), signal.SIGKILL)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "Packer was killed by SIGKILL" in told
    assert f"removing machine {machine}" in told
    assert f"removing disk {disk['name']}" in told
    assert place.types() == []


def test_all_killed_at_once_is_mended_by_the_next_run(place: Place) -> None:
    process = place.bake()
    first = place.await_machine(process)
    kill_all(process, group_of(place.home, BAKE))
    process.communicate()
    assert place.types() == [DISK, *TAGGED]
    again = place.bake()
    second = place.await_machine(again, first)
    assert place.types() == [DISK, *TAGGED], "the first one's are gone, its disk too"
    told = stopped(again)
    assert f"removing machine {first}" in told
    assert f"removing machine {second}" not in told
    assert place.types() == []


def test_a_wrong_secret_ends_it_at_once(place: Place) -> None:
    process = place.bake("wrong")
    _, told = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 1
    assert "Azure does not accept these credentials (" in told
    assert "AADSTS7000215" in told
    assert place.types() == []
    assert [method for method, _ in place.subscription.api.calls if method == "PUT"] == []


def test_a_secret_that_is_over_by_the_time_of_packer(place: Place) -> None:
    message = "The provided client secret keys for app 'x' are expired."
    refusal = LoginRefused(401, "invalid_client", 7000222, message)
    place.subscription.api.refusals.append(("POST", "/oauth2/token", refusal))
    process = place.bake()
    _, told = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 1
    assert "AADSTS7000222" in told
    assert place.types() == []
