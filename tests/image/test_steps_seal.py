"""The steps around the restart and at the end: restart, inventory, clean, deprovision."""

import json
import time

import pytest

from images.record import Versions
from tests.image.chroot.world import KERNEL, World, module_package, stubs
from tests.image.repositories.package import Package

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image

FACTS = "/var/lib/dstack-image"
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def test_cloud_init_is_waited_for(world: World) -> None:
    outcome = world.machine.step("await-cloud-init")
    assert outcome.ok, outcome.output
    assert world.machine.calls("cloud-init") == ["status --wait --long"]


@pytest.mark.parametrize(("status", "accepted"), [("2", True), ("1", False)])
def test_faults_of_cloud_init_are_shown(world: World, status: str, accepted: bool) -> None:
    world.machine.write("/stub/cloud-init.status", status)
    world.machine.write("/stub/cloud-init.out", "status: odd\n")
    outcome = world.machine.step("await-cloud-init")
    assert outcome.ok == accepted
    assert "status: odd" in outcome.output


def test_kernel_settings_leave_outgoing_ports_alone(world: World) -> None:
    outcome = world.machine.step("kernel-tuning")
    assert outcome.ok, outcome.output
    settings = "/etc/sysctl.d/dstack-kernel-tuning.conf"
    assert world.machine.calls("sysctl") == [f"--load {settings}"]
    assert "vm.swappiness = 0" in world.machine.read(settings)
    assert "ip_local_port_range" not in world.machine.read(settings)


def boots_after_installing(world: World, kernel: str) -> None:
    """Every run is a boot; that it comes later shows in whole seconds, of two clocks."""
    world.runs_kernel(kernel)
    time.sleep(2.1)


@pytest.mark.parametrize(
    ("needs", "why"),
    [
        ("touch /boot/vmlinuz-6.8.0-1022-azure", f"kernel {KERNEL} runs and 6.8.0-1022-azure is"),
        ("echo libc6 >/run/reboot-required.pkgs; touch /run/reboot-required", "ask for it: libc6"),
    ],
)
def test_restart_is_asked_for_where_one_is_needed(world: World, needs: str, why: str) -> None:
    boots_after_installing(world, KERNEL)
    assert world.machine.run(needs).ok
    outcome = world.machine.step("reboot")
    assert "still up 300 s after" in outcome.output  # nothing restarts in here
    assert why in outcome.output
    assert world.machine.calls() == [
        "systemctl stop ssh.socket ssh.service",
        "systemctl reboot",
        "sleep 300",
    ]
    assert world.machine.read(f"{FACTS}/restarted") == "true\n"


def test_restart_is_needed_after_an_update_that_keeps_the_kernels_name(world: World) -> None:
    """A machine's first process, here that of each run, tells when it was booted."""
    boots_after_installing(world, KERNEL)
    assert "no restart is needed" in world.machine.step("reboot").output
    update = f"/usr/bin/sleep 1.1; touch /boot/vmlinuz-{KERNEL}"
    outcome = world.machine.run(f"{update}; bash /tmp/script.sh")
    assert f"kernel {KERNEL} was installed anew since it was booted" in outcome.output
    assert world.machine.read(f"{FACTS}/restarted") == "true\n"


def test_no_restart_where_the_newest_kernel_runs(world: World) -> None:
    boots_after_installing(world, KERNEL)
    outcome = world.machine.step_twice("reboot")
    assert f"no restart is needed: the newest kernel {KERNEL} runs" in outcome.output
    assert world.machine.calls() == []
    world.machine.write("/stub/systemctl.out", "running\n")
    assert world.machine.step("rebooted").ok
    assert world.machine.read(f"{FACTS}/restarted") == "false\n"


def test_restart_is_seen(world: World) -> None:
    world.runs_kernel(KERNEL)
    world.machine.run("touch /run/reboot-required")
    world.machine.step("reboot")
    world.machine.write("/stub/systemctl.out", "running\n")
    outcome = world.machine.step("rebooted")
    assert not outcome.ok
    assert "the machine has not restarted" in outcome.output
    world.machine.write("/var/tmp/dstack-image/boot-id", "of the boot before\n")
    outcome = world.machine.step("rebooted")
    assert outcome.ok, outcome.output


def test_after_a_restart_the_newest_kernel_runs(world: World) -> None:
    world.runs_kernel("6.8.0-999-azure")
    world.machine.write("/boot/vmlinuz-6.8.0-1021-azure", "")
    world.machine.write("/var/tmp/dstack-image/boot-id", "of the boot before\n")
    world.machine.write(f"{FACTS}/restarted", "true\n")
    world.machine.write("/stub/systemctl.out", "degraded\n")
    outcome = world.machine.step("rebooted")
    assert not outcome.ok
    assert "the machine is up, these units failed" in outcome.output
    assert "came up with kernel 6.8.0-999-azure, expected is 6.8.0-1021-azure" in outcome.output


def test_the_step_after_the_restart_needs_the_one_before(world: World) -> None:
    outcome = world.machine.step("rebooted")
    assert not outcome.ok
    assert 'comes after the step "reboot"' in outcome.output


def test_inventory_has_the_versions_of_the_record(world: World) -> None:
    world.runs_kernel(KERNEL)
    world.distribution(
        Package("docker-ce", "5:27.1.1-1~debian.12~bookworm"),
        Package("containerd.io", "1.7.28-1~debian.12~bookworm"),
        Package("nvidia-fabricmanager", "580.95.05-1"),
        Package("nvidia-container-toolkit", "1.18.0-1"),
        Package("datacenter-gpu-manager-4-core", "1:4.4.1-1"),
        module_package("nvidia-dkms-open", "580.95.05", KERNEL),
    )
    names = "docker-ce containerd.io nvidia-fabricmanager nvidia-container-toolkit"
    names += " datacenter-gpu-manager-4-core nvidia-dkms-open"
    assert world.machine.run(f"apt-get update && apt-get install -y {names}").ok
    assert world.machine.run("apt-mark hold docker-ce").ok
    pulled = {"dstackai/base:1": "sha256:" + "a" * 64}
    world.machine.write(f"{FACTS}/docker-images.json", json.dumps(pulled))
    world.machine.step_twice("inventory")
    inventory = json.loads(world.machine.read(f"{FACTS}/inventory.json"))
    assert Versions.model_validate(inventory["versions"]) == Versions(
        os="Debian GNU/Linux 12 (bookworm)",
        kernel=KERNEL,
        docker="27.1.1",
        containerd="1.7.28",
        driver="580.95.05",
        fabric_manager="580.95.05",
        container_toolkit="1.18.0",
        dcgm="4.4.1",
    )
    assert inventory["docker_images"] == pulled
    assert inventory["held"] == ["docker-ce"]
    listed = world.machine.read(f"{FACTS}/packages.txt").splitlines()
    archive = "/var/tmp/dstack-image/package-database.tar.gz"
    inside = world.machine.run(f"tar --list --file {archive}; stat --format %a {archive}").output
    assert {"etc/os-release", "var/lib/dpkg/status", "644"} <= set(inside.split())
    assert [" ".join(package.values()) for package in inventory["packages"]] == listed
    assert "docker-ce 5:27.1.1-1~debian.12~bookworm amd64" in listed


def test_inventory_says_null_for_what_is_not_there(world: World) -> None:
    world.runs_kernel("6.1.0-37-cloud-amd64")
    outcome = world.machine.step("inventory")
    assert outcome.ok, outcome.output
    inventory = json.loads(world.machine.read(f"{FACTS}/inventory.json"))
    versions = inventory["versions"]
    assert versions["kernel"] == "6.1.0-37-cloud-amd64"
    assert {name for name, value in versions.items() if value is None} == set(versions) - {
        *("os", "kernel")
    }
    assert inventory["docker_images"] == {}


TRACES = (
    "/root/.ssh/authorized_keys",
    "/root/.bash_history",
    "/home/ubuntu/.ssh/authorized_keys",
    "/home/ubuntu/.bash_history",
    "/home/ubuntu/.cache/thing",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/ssh_host_ed25519_key.pub",
    "/etc/netplan/50-cloud-init.yaml",
    "/etc/ssh/sshd_config.d/50-cloud-init.conf",
    "/etc/udev/rules.d/70-persistent-net.rules",
    "/etc/nvme/hostid",
    "/var/lib/shim-signed/mok/MOK.priv",
    "/var/lib/shim-signed/mok/MOK.der",
    "/var/lib/dkms/mok.key",
    "/var/lib/dkms/mok.pub",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "/var/lib/systemd/random-seed",
    "/var/lib/cloud/instance/user-data.txt",
    "/var/lib/dhcp/dhclient.eth0.leases",
    "/var/lib/apt/lists/some_Packages",
    "/var/cache/apt/archives/some.deb",
    "/var/log/dpkg.log.1",
    "/var/log/old.gz",
    "/var/log/journal/0123/system.journal",
    "/var/lib/docker/engine-id",
    "/tmp/packer-shell123",
    "/var/tmp/leftover/file",
)
KEPT = (
    "/etc/ssh/sshd_config",
    "/etc/sudoers.d/90-cloud-init-users",
    "/home/ubuntu/.profile",
    f"{FACTS}/inventory.json",
    "/etc/netplan/10-vendor.yaml",
    "/tmp/systemd-private-0123-chrony.service/tmp/in-use",
)


def test_clean_leaves_no_trace_of_the_machine_that_baked(world: World) -> None:
    world.machine.write_all(dict.fromkeys((*TRACES, *KEPT), "something"))
    world.machine.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    world.machine.write("/var/log/cloud-init-output.log", "secrets\n")
    world.machine.step_twice("clean")
    assert world.machine.existing(TRACES) == []
    assert world.machine.existing(KEPT) == list(KEPT)
    assert world.machine.read("/etc/machine-id") == ""
    assert world.machine.exists("/etc/machine-id")
    assert world.machine.run("find /var/log -type f -size +0").output == ""
    assert world.machine.run("ls -A /var/tmp").output == ""
    assert "clean --logs --seed" in world.machine.calls("cloud-init")


def test_clean_stops_the_agent_that_runs_apt_before_it_removes_indexes(world: World) -> None:
    world.machine.write("/var/lib/apt/lists/some_Packages", "seen by systemctl")
    seen = "$(ls /var/lib/apt/lists/*_Packages 2>&1)"
    spy = f"#!/bin/bash\necho systemctl $* with {seen} >>/stub/calls\n"
    world.machine.run("rm /usr/local/sbin/systemctl")
    world.machine.write("/usr/local/sbin/systemctl", spy, mode="755")
    outcome = world.machine.step("clean")
    assert outcome.ok, outcome.output
    stopped = "stop snap.oracle-cloud-agent.* with /var/lib/apt/lists/some_Packages"
    assert stopped in world.machine.calls("systemctl")


@pytest.mark.parametrize(
    "baked", ["InitiatorName=iqn.2004-10.com.ubuntu:01:5ea5", "GenerateName=yes"]
)
def test_each_machine_makes_its_own_name_for_iscsi(world: World, baked: str) -> None:
    file = "/etc/iscsi/initiatorname.iscsi"
    world.machine.write(file, f"## comment\n{baked}\n")
    assert world.machine.step("clean").ok
    assert world.machine.read(file).splitlines()[-1] == "GenerateName=yes"


def test_the_random_seed_is_not_written_again_at_shutdown(world: World) -> None:
    outcome = world.machine.step("clean")
    assert outcome.ok, outcome.output
    assert "stop systemd-random-seed.service" in world.machine.calls("systemctl")


def test_azure_is_deprovisioned_without_the_library(world: World) -> None:
    assert world.machine.step("clean").ok
    world.machine.step("azure-deprovision")  # puts the script in its place
    world.machine.run("rm /var/tmp/dstack-lib.sh /stub/calls")
    outcome = world.machine.run("bash /tmp/script.sh", IMAGE_CLOUD="azure")
    assert outcome.ok, outcome.output
    assert world.machine.calls() == ["waagent -force -deprovision+user"]


def test_other_clouds_are_not_deprovisioned(world: World) -> None:
    outcome = world.machine.step("azure-deprovision", IMAGE_CLOUD="aws")
    assert not outcome.ok
    assert "this step is for Azure, not for aws" in outcome.output
    assert world.machine.calls("waagent") == []


def test_a3mega_adds_to_the_base_of_google(world: World) -> None:
    internal = "/etc/apt/sources.list.d/ar_us_apt_pkg_dev_projects_gce_ai_infra.list"
    dcgm = ("datacenter-gpu-manager-4-proprietary", "datacenter-gpu-manager-exporter")
    world.distribution(*stubs("jq", "ufw", *dcgm))
    world.machine.write(internal, f"deb {world.url}/refused /\n")
    world.machine.write("/etc/docker/daemon.json", '{"runtimes": {"nvidia": {"path": "x"}}}')
    world.machine.step_twice("a3mega", LOGIN_USER="ubuntu")
    assert world.machine.held() == set(dcgm)
    settings = json.loads(world.machine.read("/etc/docker/daemon.json"))
    assert settings["exec-opts"] == ["native.cgroupdriver=cgroupfs"]
    assert settings["runtimes"] == {"nvidia": {"path": "x"}}
    assert "--quiet auth configure-docker us-docker.pkg.dev" in world.machine.calls("gcloud")
    assert "disable --now google-cloud-ops-agent.service" in world.machine.calls("systemctl")
