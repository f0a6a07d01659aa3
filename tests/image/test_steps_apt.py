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
    assert "remove --purge amazon-ssm-agent" in world.machine.calls("snap")
    assert world.machine.version("ec2-instance-connect") == ""
    assert (world.machine.version("snapd") != "") == bool(agent)
    assert ("snapd stays, it delivers: oracle-cloud-agent" in outcome.output) == bool(agent)


def test_steps_want_root(world: World) -> None:
    world.machine.step("await-cloud-init")
    outcome = world.machine.run("runuser -u ubuntu -- bash /tmp/script.sh")
    assert not outcome.ok
    assert "must run as root" in outcome.output
