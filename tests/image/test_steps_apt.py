"""Provisioning steps about apt itself, against a signed stub distribution."""

import pytest

from tests.image.chroot.machine import PROVISION
from tests.image.chroot.world import World, stubs
from tests.image.repositories.package import Package

REQUIRED = stubs(
    *("ca-certificates", "cloud-guest-utils", "curl", "e2fsprogs", "gpg", "iptables", "jq"),
    *("kmod", "mount", "procps", "sudo", "ufw", "util-linux"),
) + stubs("openssh-server", version="1:9.2-1")

pytest_plugins = ("tests.image.chroot.fixtures",)
pytestmark = pytest.mark.image


def test_quiet_stops_and_masks_all_that_runs_apt(world: World) -> None:
    world.machine.write("/etc/apt/apt.conf.d/20auto-upgrades", 'APT::Periodic::Enable "1";\n')
    world.machine.step_twice("apt-quiet")
    calls = world.machine.calls("systemctl")
    timers = "apt-daily.timer apt-daily-upgrade.timer"
    services = "apt-daily.service apt-daily-upgrade.service unattended-upgrades.service"
    assert calls[:4] == [
        *(f"stop {timers}", f"mask {timers}", f"stop {services}", f"mask {services}")
    ]
    for setting in ("Enable", "Update-Package-Lists", "Unattended-Upgrade"):
        effective = world.machine.run(f"apt-config dump --format '%v' APT::Periodic::{setting}")
        assert effective.output == "0"


def test_upgrade_takes_the_newest_and_keeps_changed_settings(world: World) -> None:
    def release(version: str, setting: str) -> Package:
        files = {"/etc/thing.conf": setting.encode()}
        return Package("thing", version, files=files, conffiles=("/etc/thing.conf",))

    world.distribution(release("1", "old default\n"))
    assert world.machine.run("apt-get update && apt-get install -y thing").ok
    world.machine.write("/etc/thing.conf", "changed by the cloud\n")
    world.distribution(release("2", "new default\n"))
    outcome = world.machine.step("apt-upgrade")
    assert outcome.ok, outcome.output
    assert world.machine.version("thing") == "2"
    assert world.machine.read("/etc/thing.conf") == "changed by the cloud\n"


def holding(lock: str, command: str, told: str) -> str:
    """Script: what the library makes of a command, while another program has a lock.

    That has it until the command has said that it waits, however slow the machine is. apt and dpkg
    take POSIX record locks, for which the base system has nothing but Perl.
    """
    return f"""
        set -e -o pipefail
        rm -f /tmp/held
        : >/tmp/said
        perl -e 'use Fcntl; $| = 1; alarm 60; open(F, ">>", "{lock}") or die;
          my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
          fcntl(F, F_SETLK, $lock) or die; open(H, ">", "/tmp/held") or die;
          my $said = "";
          until (index($said, "{told}") >= 0) {{
            select(undef, undef, undef, 0.1);
            open(S, "<", "/tmp/said") or die; local $/; $said = <S> // ""; close(S);
          }}
          print "given\n"' &
        until [ -e /tmp/held ]; do sleep 0.1; done
        step=lock; . /var/tmp/dstack-lib.sh
        {{ {command}; echo "done"; }} 2>&1 | tee /tmp/said
    """


@pytest.mark.parametrize(
    ("lock", "command", "told"),
    [
        ("lib/apt/lists/lock", "apt_update", "waits to refresh the package indexes"),
        ("lib/dpkg/lock-frontend", "apt_install other", "Waiting for cache lock"),
        ("lib/dpkg/lock-frontend", "hold thing", "waits to hold thing for another program"),
        ("cache/apt/archives/lock", "bash /root/clean.sh", "waits to remove downloaded"),
    ],
)
def test_waits_for_a_lock(world: World, lock: str, command: str, told: str) -> None:
    """That agents of clouds have when they like, as Oracle's does right after the boot."""
    world.distribution(*stubs("thing", "other"))
    assert world.machine.run("apt-get update && apt-get install -y thing").ok
    world.machine.run("rm /usr/local/sbin/sleep")
    world.machine.step("await-cloud-init")  # puts the library in its place
    world.machine.write("/root/clean.sh", (PROVISION / "clean.sh").read_text())
    outcome = world.machine.run(holding(f"/var/{lock}", command, told))
    assert outcome.ok, outcome.output
    assert told in outcome.output
    assert outcome.output.index("given") < outcome.output.index("done")


def test_another_fault_of_the_indexes_is_final(world: World) -> None:
    world.distribution(*stubs("thing"))
    # nobody listens there; by itself apt would warn and go on with what it has
    unreachable = "http://127.0.0.9:9/missing"
    world.machine.write("/etc/apt/sources.list.d/bad.list", f"deb {unreachable} /\n")
    outcome = world.machine.step("apt-upgrade")
    assert not outcome.ok
    assert "cannot refresh the package indexes" in outcome.output
    assert unreachable in outcome.output
    assert "waits for" not in outcome.output
    assert world.machine.calls("sleep") == []


def test_an_unsigned_change_of_a_source_is_final(world: World) -> None:
    world.distribution(*stubs("thing"))
    release = world.folder / "distribution" / "InRelease"
    release.write_text(release.read_text().replace("Label: Tests", "Label: Other"))
    outcome = world.machine.step("apt-upgrade")
    assert not outcome.ok
    assert "cannot refresh the package indexes" in outcome.output


def test_packages_names_what_the_distribution_lacks(world: World) -> None:
    world.distribution(*REQUIRED, *stubs("tree", "zip", "nvme-cli"))
    world.machine.run("apt-get update")
    outcome = world.machine.step_twice("packages")
    assert "left out: coreutils gdb htop" in outcome.output
    assert "python3-boto " in outcome.output
    for package in ("ufw", "tree", "zip", "nvme-cli"):
        assert world.machine.version(package) == "0.1-1"


def test_packages_fails_without_a_required_one(world: World) -> None:
    world.distribution(*(p for p in REQUIRED if p.name != "ufw"), *stubs("tree"))
    world.machine.run("apt-get update")
    outcome = world.machine.step("packages")
    assert not outcome.ok
    assert "no package source offers ufw, which dstack needs" in outcome.output
    assert world.machine.version("tree") == ""


@pytest.mark.parametrize("agent", ["", "oracle-cloud-agent"])
def test_packages_removes_snapd_unless_it_delivers_an_agent(world: World, agent: str) -> None:
    world.distribution(*REQUIRED, *stubs("snapd", "ec2-instance-connect"))
    assert world.machine.run("apt-get update; apt-get install -y snapd ec2-instance-connect").ok
    names = ("core22", "snapd", *([agent] if agent else []))
    world.machine.write("/stub/snap.out", "Name Version\n" + "".join(f"{n} 1\n" for n in names))
    outcome = world.machine.step("packages")
    assert outcome.ok, outcome.output
    assert world.machine.calls("snap")[0] == "wait system seed.loaded"
    assert world.machine.version("ec2-instance-connect") == ""
    assert (world.machine.version("snapd") != "") == bool(agent)
    assert ("snapd stays, it delivers oracle-cloud-agent" in outcome.output) == bool(agent)


#: snapd, as it answers while it looks for newer snaps by itself (aws/aws-parallelcluster#7153).
BUSY_SNAP = """#!/bin/bash
echo "snap $*" >>/stub/calls
case $1 in
  list) printf 'Name Version\\ncore22 1\\ngoogle-cloud-cli 1\\namazon-ssm-agent 3\\n' ;;
  remove)
    [[ -e /stub/tried ]] && exit
    touch /stub/tried
    echo 'error: snap "amazon-ssm-agent" has "auto-refresh" change in progress' >&2
    exit 1
    ;;
esac
"""


def test_packages_waits_for_what_snapd_does_by_itself(world: World) -> None:
    world.distribution(*REQUIRED, *stubs("snapd"))
    assert world.machine.run("apt-get update; apt-get install -y snapd").ok
    world.machine.run("rm /usr/local/sbin/snap")
    world.machine.write("/usr/local/sbin/snap", BUSY_SNAP, mode="755")
    outcome = world.machine.step("packages")
    assert outcome.ok, outcome.output
    assert "waits for snapd: " in outcome.output
    removals = ["remove --purge amazon-ssm-agent"] * 2
    assert world.machine.calls("snap") == ["wait system seed.loaded", "list", *removals]
    assert world.machine.version("snapd") == "", "no agent of a cloud is one of its snaps"


def test_packages_says_what_snapd_answers_instead_of_a_list(world: World) -> None:
    world.distribution(*REQUIRED, *stubs("snapd"))
    assert world.machine.run("apt-get update; apt-get install -y snapd").ok
    world.machine.write("/stub/snap.out", "cannot communicate with server\n")
    world.machine.write("/stub/snap.status", "1")
    outcome = world.machine.step("packages")
    assert not outcome.ok
    assert "error: snapd does not answer: cannot communicate with server" in outcome.output


def test_packages_switches_off_what_nvme_cli_brings_beside_its_command(world: World) -> None:
    """Units that load the kernel's NVMe over Fabrics at each boot."""
    units = ("nvmf-autoconnect.service", "nvmefc-boot-connections.service")
    files = {f"/lib/systemd/system/{unit}": b"" for unit in units}
    world.distribution(*REQUIRED, Package("nvme-cli", "2.8-1", files=files))
    world.machine.run("apt-get update")
    world.machine.step_twice("packages")
    assert f"disable {' '.join(units)}" in world.machine.calls("systemctl")


#: As Oracle's images of Ubuntu have them, less its comments ("Essential Firewall Rules").
ORACLES_RULES = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [463:49013]
:InstanceServices - [0:0]
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-host-prohibited
-A OUTPUT -d 169.254.0.0/16 -j InstanceServices
-A InstanceServices -d 169.254.0.2/32 -p tcp -m owner --uid-owner 0 -m tcp --dport 3260 -j ACCEPT
-A InstanceServices -d 169.254.0.0/16 -p tcp -m tcp -j REJECT --reject-with tcp-reset
COMMIT
"""
RULES, KEPT_RULES = "/etc/iptables/rules.v4", "/etc/iptables/dstack-instance-services.rules"


@pytest.mark.parametrize("version", ["0.36.1-4", "0.36.2-6"], ids=["Ubuntu 22.04", "Ubuntu 24.04"])
def test_oracles_rules_for_its_own_services_outlive_ufw(world: World, version: str) -> None:
    """Ubuntu 24.04's ufw takes the package away that loads them."""
    breaks = "iptables-persistent, netfilter-persistent" if version == "0.36.2-6" else ""
    others = (package for package in REQUIRED if package.name != "ufw")
    persistent = stubs("netfilter-persistent", "iptables-persistent")
    world.distribution(*others, *persistent, Package("ufw", version, breaks=breaks))
    assert world.machine.run("apt-get update; apt-get install -y iptables-persistent").ok
    world.machine.run("apt-get install -y netfilter-persistent")
    world.machine.write(RULES, ORACLES_RULES)
    outcome = world.machine.step("packages")
    assert outcome.ok, outcome.output
    world.machine.step_twice("oci-firewall", IMAGE_CLOUD="oci")
    kept = world.machine.read(KEPT_RULES)
    enabled = "enable dstack-instance-services.service" in world.machine.calls("systemctl")
    assert enabled == bool(kept) == bool(breaks)
    if breaks:
        assert kept.splitlines() == [
            *("*filter", ":InstanceServices - [0:0]"),
            *(line for line in ORACLES_RULES.splitlines() if "-j InstanceServices" in line),
            *(line for line in ORACLES_RULES.splitlines() if "-A InstanceServices" in line),
            "COMMIT",
        ]
        unit = world.machine.read("/etc/systemd/system/dstack-instance-services.service")
        assert f"iptables-restore --noflush --wait {KEPT_RULES}" in unit


def test_an_image_without_oracles_rules_is_told(world: World) -> None:
    outcome = world.machine.step("oci-firewall", IMAGE_CLOUD="oci")
    assert outcome.ok, outcome.output
    assert "the source image has none" in outcome.output
    other = world.machine.step("oci-firewall", IMAGE_CLOUD="aws")
    assert not other.ok
    assert "this step is for Oracle Cloud, not for aws" in other.output


def test_steps_want_root(world: World) -> None:
    world.machine.step("await-cloud-init")
    outcome = world.machine.run("runuser -u ubuntu -- bash /tmp/script.sh")
    assert not outcome.ok
    assert "must run as root" in outcome.output
