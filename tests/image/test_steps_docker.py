"""The step that installs Docker, against stub repositories of Docker and of the distribution."""

import json

import pytest

from tests.image.chroot.world import World, stubs
from tests.image.repositories.package import Package
from tests.image.repositories.signing import signing_key

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

ENGINE = ("docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin")
HELD = {*ENGINE, "docker-compose-plugin"}


def release(version: str) -> str:
    return f"5:{version}-1~debian.12~bookworm"


def vendor(world: World) -> dict[str, str]:
    """Docker's repository with three versions; gives the environment that points to it."""
    packages = stubs("containerd.io", "docker-buildx-plugin", "docker-compose-plugin")
    for version in ("27.1.0", "27.1.1", "27.1.10"):
        # writes down whether the settings were there when the daemon first started
        started = "ls /etc/docker >>/stub/settings-at-first-start"
        packages += [
            Package("docker-ce", release(version), "docker-ce-cli", postinst=started),
            Package("docker-ce-cli", release(version)),
        ]
    repository = world.repository("docker")
    repository.publish(packages, indexes="dists/bookworm", component="stable", key_file="gpg")
    world.distribution(*stubs("apparmor", "pigz"))
    return {
        "IMAGE_CLOUD": "local",
        "LOGIN_USER": "ubuntu",
        "DOCKER_SOURCE": "docker.com",
        "DOCKER_VERSION": "27.1.1",
        "DOCKER_REPOSITORY": repository.url,
        "DOCKER_KEY_FINGERPRINT": world.key.fingerprint,
    }


def test_installs_the_exact_version_and_sets_it_up(world: World) -> None:
    environment = vendor(world)
    world.machine.step_twice("docker", **environment)
    assert world.machine.version("docker-ce") == release("27.1.1")
    assert world.machine.version("docker-ce-cli") == release("27.1.1")
    assert world.machine.held() == HELD
    assert json.loads(world.machine.read("/etc/docker/daemon.json")) == {
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "log-driver": "json-file",
        "log-opts": {"max-size": "256m", "max-file": "2"},
    }
    assert world.machine.read("/stub/settings-at-first-start") == "daemon.json\n"
    calls = world.machine.calls("systemctl")
    enable = calls.index("enable containerd.service docker.socket docker.service")
    reload = calls.index("daemon-reload")
    assert enable < reload < calls.index("restart docker.service")
    assert "docker" in world.machine.run("id -nG ubuntu").output.split()


def test_keeps_other_settings_and_replaces_the_cgroup_driver(world: World) -> None:
    settings = {"exec-opts": ["native.cgroupdriver=systemd", "other=1"], "mtu": 1460}
    world.machine.write("/etc/docker/daemon.json", json.dumps(settings))
    outcome = world.machine.step("docker", **vendor(world))
    assert outcome.ok, outcome.output
    after = json.loads(world.machine.read("/etc/docker/daemon.json"))
    assert after["exec-opts"] == ["other=1", "native.cgroupdriver=cgroupfs"]
    assert after["mtu"] == 1460


@pytest.mark.parametrize("version", ["27.1", "27.1.2", "27.1.1-"])
def test_a_version_that_is_not_there_names_those_that_are(world: World, version: str) -> None:
    environment = vendor(world) | {"DOCKER_VERSION": version}
    outcome = world.machine.step("docker", **environment)
    assert not outcome.ok
    assert (
        f"DOCKER_VERSION {version} of docker-ce is not available; available are: "
        "27.1.0 27.1.1 27.1.10" in outcome.output
    )
    assert world.machine.version("docker-ce-cli") == ""


def test_an_empty_version_is_refused(world: World) -> None:
    outcome = world.machine.step("docker", **(vendor(world) | {"DOCKER_VERSION": ""}))
    assert not outcome.ok
    assert "must be set in the environment: DOCKER_VERSION" in outcome.output


def test_all_missing_inputs_are_named_at_once(world: World) -> None:
    outcome = world.machine.step("docker", LOGIN_USER="ubuntu")
    assert not outcome.ok
    assert "must be set in the environment: DOCKER_SOURCE IMAGE_CLOUD" in outcome.output


def test_another_key_stops_before_anything_is_installed(world: World) -> None:
    environment = vendor(world)
    with signing_key("stranger") as stranger:
        (world.folder / "docker" / "gpg").write_bytes(stranger.public())
        outcome = world.machine.step("docker", **environment)
        assert not outcome.ok
        assert stranger.fingerprint in outcome.output
        assert f"expected is {world.key.fingerprint}" in outcome.output
    assert world.machine.version("docker-ce-cli") == ""
    assert not world.machine.exists("/etc/apt/sources.list.d/dstack-docker.list")


def test_only_the_expected_key_of_a_file_is_trusted(world: World) -> None:
    environment = vendor(world)
    with signing_key("stranger") as stranger:
        repository = world.folder / "docker"
        (repository / "gpg").write_bytes(world.key.public() + stranger.public())
        release_file = repository / "dists" / "bookworm" / "InRelease"
        body = release_file.read_text().split("\n\n", 1)[1].split("-----BEGIN PGP SIGNATURE")[0]
        release_file.write_bytes(stranger.clearsign(body.encode()))
    outcome = world.machine.step("docker", **environment)
    assert not outcome.ok
    assert "cannot refresh the package indexes" in outcome.output
    assert world.machine.version("docker-ce-cli") == ""


@pytest.mark.parametrize("version", ["", "20.10.24"])
def test_the_distribution_has_docker_too(world: World, version: str) -> None:
    engine = Package("docker.io", "20.10.24+dfsg1-1+deb12u1", "containerd")
    world.distribution(engine, *stubs("containerd", "apparmor", "pigz", "docker-buildx"))
    environment = {
        "IMAGE_CLOUD": "local",
        "LOGIN_USER": "ubuntu",
        "DOCKER_SOURCE": "distribution",
        "DOCKER_VERSION": version,
    }
    assert world.machine.run("apt-get update").ok
    outcome = world.machine.step("docker", **environment)
    assert outcome.ok, outcome.output
    assert world.machine.version("docker.io") == engine.version
    assert world.machine.version("apparmor") != ""
    assert world.machine.held() == {"docker.io", "containerd", "docker-buildx"}


def test_another_source_is_refused(world: World) -> None:
    environment = vendor(world) | {"DOCKER_SOURCE": "snap"}
    outcome = world.machine.step("docker", **environment)
    assert not outcome.ok
    assert 'DOCKER_SOURCE is "snap"; allowed are docker.com and distribution' in outcome.output


@pytest.mark.parametrize(("cloud", "accepted"), [("azure", True), ("aws", False)])
def test_only_azure_makes_the_login_user_later(world: World, cloud: str, accepted: bool) -> None:
    environment = vendor(world) | {"IMAGE_CLOUD": cloud, "LOGIN_USER": "nobody-yet"}
    outcome = world.machine.step("docker", **environment)
    assert outcome.ok == accepted
    assert ("LOGIN_USER nobody-yet does not exist" in outcome.output) != accepted
