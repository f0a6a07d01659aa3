"""The step that installs NVIDIA's container toolkit, beside a CUDA repository that has it too."""

import json

import pytest

from tests.image.chroot.world import World
from tests.image.repositories.package import Package
from tests.image.repositories.signing import signing_key

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

TOOLKIT = (
    "nvidia-container-toolkit",
    "nvidia-container-toolkit-base",
    "libnvidia-container-tools",
    "libnvidia-container1",
)
# what the real program does to Docker's settings
CONFIGURE = b"""#!/bin/bash
echo "nvidia-ctk $*" >>/stub/calls
jq '.runtimes.nvidia = {"path": "nvidia-container-runtime", "args": []}' \
  /etc/docker/daemon.json >/tmp/settings && cp /tmp/settings /etc/docker/daemon.json
"""


def toolkit(version: str, origin: str) -> list[Package]:
    """The toolkit's packages, with a mark of where they come from."""
    return [
        Package(
            name,
            version,
            files={
                f"/usr/share/{name}/origin": origin.encode(),
                **({"/usr/bin/nvidia-ctk": CONFIGURE} if name.endswith("toolkit") else {}),
            },
        )
        for name in TOOLKIT
    ]


def vendor(world: World, *versions: str) -> dict[str, str]:
    """The toolkit's repository; gives the environment that points to it."""
    repository = world.repository("toolkit")
    packages = [package for version in versions for package in toolkit(version, "toolkit")]
    repository.publish(packages, indexes="stable/deb/amd64", key_file="gpgkey")
    world.machine.write("/etc/docker/daemon.json", '{"mtu": 1460}')
    return {
        "TOOLKIT_REPOSITORY": repository.url,
        "TOOLKIT_KEY_FINGERPRINT": world.key.fingerprint,
    }


def cuda_repository(world: World, version: str) -> None:
    """A CUDA repository that offers the toolkit, preferred by apt, as after the step "cuda"."""
    repository = world.repository("cuda")
    repository.publish(toolkit(version, "cuda"), label="NVIDIA CUDA")
    world.machine.write("/usr/share/keyrings/cuda.asc", world.key.public().decode())
    entry = f"deb [signed-by=/usr/share/keyrings/cuda.asc] {repository.url} /\n"
    world.machine.write("/etc/apt/sources.list.d/dstack-cuda.list", entry)
    pin = "Package: *\nPin: release l=NVIDIA CUDA\nPin-Priority: 600\n"
    world.machine.write("/etc/apt/preferences.d/dstack-cuda", pin)
    assert world.machine.run("apt-get update").ok


@pytest.mark.parametrize("elsewhere", ["1.17.8-1", "1.18.0-1", "1.20.0-1"])
def test_comes_from_its_own_repository_only(world: World, elsewhere: str) -> None:
    environment = vendor(world, "1.17.8-1", "1.18.0-1")
    cuda_repository(world, elsewhere)
    world.machine.step_twice("container-toolkit", **environment)
    for package in TOOLKIT:
        assert world.machine.version(package) == "1.18.0-1"
        assert world.machine.read(f"/usr/share/{package}/origin") == "toolkit"
    assert world.machine.held() == set(TOOLKIT)


def test_replaces_one_that_came_from_elsewhere(world: World) -> None:
    environment = vendor(world, "1.18.0-1")
    cuda_repository(world, "1.20.0-1")
    brought = world.machine.run(f"apt-get install -y {TOOLKIT[0]} && apt-mark hold {TOOLKIT[0]}")
    assert brought.ok, brought.output
    outcome = world.machine.step("container-toolkit", **environment)
    assert outcome.ok, outcome.output
    assert world.machine.version(TOOLKIT[0]) == "1.18.0-1"


def test_the_runtime_joins_the_cgroup_driver_and_other_settings(world: World) -> None:
    outcome = world.machine.step("container-toolkit", **vendor(world, "1.18.0-1"))
    assert outcome.ok, outcome.output
    settings = json.loads(world.machine.read("/etc/docker/daemon.json"))
    assert settings["runtimes"]["nvidia"]["path"] == "nvidia-container-runtime"
    assert settings["exec-opts"] == ["native.cgroupdriver=cgroupfs"]
    assert settings["mtu"] == 1460
    calls = world.machine.calls()
    configured = calls.index("nvidia-ctk runtime configure --runtime=docker")
    assert configured < calls.index("systemctl restart docker.service")


@pytest.mark.parametrize("pin", ["1.17.8", "1.17.8-1"])
def test_a_pinned_version_is_taken(world: World, pin: str) -> None:
    environment = vendor(world, "1.17.8-1", "1.18.0-1") | {"TOOLKIT_VERSION": pin}
    outcome = world.machine.step("container-toolkit", **environment)
    assert outcome.ok, outcome.output
    assert world.machine.version(TOOLKIT[0]) == "1.17.8-1"


def test_a_version_that_is_not_there_names_those_that_are(world: World) -> None:
    environment = vendor(world, "1.17.8-1", "1.18.0-1") | {"TOOLKIT_VERSION": "1.17"}
    outcome = world.machine.step("container-toolkit", **environment)
    assert not outcome.ok
    expected = "TOOLKIT_VERSION 1.17 is not available; available are: 1.18.0-1 1.17.8-1"
    assert expected in outcome.output


def test_an_empty_repository_is_an_error_although_another_has_it(world: World) -> None:
    environment = vendor(world)
    cuda_repository(world, "1.18.0-1")
    outcome = world.machine.step("container-toolkit", **environment)
    assert not outcome.ok
    assert "offers no nvidia-container-toolkit" in outcome.output
    assert world.machine.version(TOOLKIT[0]) == ""


def test_another_key_stops_before_anything_is_installed(world: World) -> None:
    environment = vendor(world, "1.18.0-1")
    with signing_key("stranger") as stranger:
        (world.folder / "toolkit" / "gpgkey").write_bytes(stranger.public())
        outcome = world.machine.step("container-toolkit", **environment)
    assert not outcome.ok
    assert f"expected is {world.key.fingerprint}" in outcome.output
    assert world.machine.version(TOOLKIT[0]) == ""
