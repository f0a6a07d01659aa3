"""The step that pulls Docker images, with a stub of Docker's client and of a registry."""

import json

import pytest

from tests.image.chroot.world import World

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

OLD = "sha256:" + "a" * 64
NEW = "sha256:" + "b" * 64
RECORD = "/var/lib/dstack-image/docker-images.json"
SETTINGS = '{\n  "mtu": 1460\n}\n'


@pytest.fixture(autouse=True)
def docker(world: World) -> None:
    world.machine.write("/stub/registry", f"dstackai/base:1 {OLD}\ndstackai/base:2 {NEW}\n")
    world.machine.write("/etc/docker/daemon.json", SETTINGS)


def test_pulls_all_and_records_their_digests(world: World) -> None:
    world.machine.step_twice("prepull", PREPULL="dstackai/base:1 dstackai/base:2")
    expected = {"dstackai/base:1": OLD, "dstackai/base:2": NEW}
    assert json.loads(world.machine.read(RECORD)) == expected


def test_a_digest_decides_also_when_the_tag_has_moved_on(world: World) -> None:
    outcome = world.machine.step("prepull", PREPULL=f"dstackai/base:2@{OLD}")
    assert outcome.ok, outcome.output
    assert json.loads(world.machine.read(RECORD)) == {"dstackai/base:2": OLD}
    assert f"tag dstackai/base@{OLD} dstackai/base:2" in world.machine.calls("docker")


def test_a_digest_that_no_registry_has_is_final(world: World) -> None:
    missing = "sha256:" + "c" * 64
    outcome = world.machine.step("prepull", PREPULL=f"dstackai/base:2@{missing}")
    assert not outcome.ok
    assert f"cannot pull dstackai/base@{missing}: manifest unknown" in outcome.output
    assert world.machine.calls("sleep") == []
    assert not world.machine.exists(RECORD)


def test_nothing_configured_is_recorded_as_nothing(world: World) -> None:
    outcome = world.machine.step("prepull")
    assert outcome.ok, outcome.output
    assert json.loads(world.machine.read(RECORD)) == {}
    assert world.machine.calls("docker") == []


def test_faults_of_the_network_are_waited_for(world: World) -> None:
    world.machine.write("/stub/faults", "net/http: TLS handshake timeout\nunexpected EOF\n")
    outcome = world.machine.step("prepull", PREPULL="dstackai/base:1")
    assert outcome.ok, outcome.output
    assert "attempt 3 of 5 follows: unexpected EOF" in outcome.output
    assert world.machine.calls("sleep") == ["2", "4"]


def test_no_registry_at_all_says_what_to_do(world: World) -> None:
    fault = "dial tcp: lookup registry-1.docker.io: no such host"
    world.machine.write("/stub/faults", f"{fault}\n" * 9)
    outcome = world.machine.step("prepull", PREPULL="dstackai/base:1")
    assert not outcome.ok
    assert f"no registry answers (5 attempts, the last: {fault})" in outcome.output
    assert "configure a registry mirror" in outcome.output
    assert len(world.machine.calls("sleep")) == 4


@pytest.mark.parametrize("ref", ["dstackai/base:1", "dstackai/base:3"])
def test_a_mirror_serves_the_pulls_and_is_gone_afterwards(world: World, ref: str) -> None:
    mirror = "http://10.0.2.2:5000"
    outcome = world.machine.step("prepull", PREPULL=ref, REGISTRY_MIRROR=mirror)
    assert outcome.ok == (ref == "dstackai/base:1"), outcome.output
    calls = world.machine.calls()
    restarts = [i for i, call in enumerate(calls) if call == "systemctl restart docker.service"]
    pulls = [i for i, call in enumerate(calls) if call == f'mirrors ["{mirror}"]']
    assert len(restarts) == 2
    assert restarts[0] < pulls[0] < restarts[1]
    assert world.machine.read("/etc/docker/daemon.json") == SETTINGS


@pytest.mark.parametrize("mirror", ["10.0.2.2:5000", "http://10.0.2.2:5000/v2/x"])
def test_a_malformed_mirror_is_refused(world: World, mirror: str) -> None:
    outcome = world.machine.step("prepull", PREPULL="a:1", REGISTRY_MIRROR=mirror)
    assert not outcome.ok
    assert "it takes http://HOST:PORT" in outcome.output


def test_all_malformed_references_are_named_at_once(world: World) -> None:
    outcome = world.machine.step("prepull", PREPULL="dstackai/base a:1@sha256:12 b:1")
    assert not outcome.ok
    assert "not dstackai/base a:1@sha256:12" in outcome.output
