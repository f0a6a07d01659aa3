"""What a person sees of a run that takes long: each phase once, short lines, signs of life."""

import io
import sys
import time

import pytest

from bakery.packer.phases import Phases
from bakery.progress import Progress

pytestmark = pytest.mark.unit


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.partition("] ")[2] for line in capsys.readouterr().err.splitlines()]


def test_time_since_the_start_of_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    Progress(time.time() - 754).say("boot")
    assert capsys.readouterr().err in ("[12:34] boot\n", "[12:35] boot\n")


@pytest.mark.parametrize("text", ["x" * 100_000, "a\nb\r\nc " * 50_000])
def test_always_one_short_line(capsys: pytest.CaptureFixture[str], text: str) -> None:
    Progress().say(text)
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) < 500


class Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_nobody_reads_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Closed())
    Progress().say("still here")


# As Packer prints them, with and without -timestamp-ui.
LOG = """\
2026-08-21T12:00:00Z: ==> bake.qemu.machine: Retrieving ISO
2026-08-21T12:00:01Z: ==> bake.qemu.machine: Copying hard drive...
2026-08-21T12:00:02Z: ==> bake.qemu.machine: Starting VM, booting disk image
2026-08-21T12:00:03Z: ==> bake.qemu.machine: Waiting for SSH to become available...
2026-08-21T12:00:44Z: ==> bake.qemu.machine: Connected to SSH!
==> bake.qemu.machine: Provisioning with shell script: packer/provision/apt-quiet.sh
2026-08-21T12:00:45Z:     bake.qemu.machine: apt-quiet.sh says Hello
==> bake.qemu.machine: Provisioning with shell script: packer/provision/docker.sh
2026-08-21T12:00:50Z: ==> bake.qemu.machine: Gracefully halting virtual machine...
2026-08-21T12:00:59Z: ==> bake.qemu.machine: Converting hard drive...
"""

CLOUDS = {
    "azure-arm": (
        "Deploying deployment template ...",
        "Powering off machine ...",
        "Capturing image ...",
    ),
    "googlecompute": ("Creating instance...", "Deleting instance...", "Creating image..."),
    "amazon-ebs": (
        "Launching a source AWS instance...",
        "Stopping the source instance...",
        "Creating AMI dstack-bake-cpu-1 from instance i-1",
    ),
}


@pytest.mark.parametrize("builder", CLOUDS)
def test_phases_are_the_same_in_every_cloud(
    capsys: pytest.CaptureFixture[str], builder: str
) -> None:
    phases = Phases(Progress())
    for words in CLOUDS[builder]:
        phases.read(f"==> bake.{builder}.machine: {words}\n")
    assert said(capsys)[1:] == [
        "boot: starting the machine",
        "capture: shutting down",
        "capture: writing the image",
    ]


def test_phases_of_a_bake(capsys: pytest.CaptureFixture[str]) -> None:
    phases = Phases(Progress())
    for line in LOG.splitlines(keepends=True):
        phases.read(line)
    assert said(capsys) == [
        "starting Packer",
        "source disk",
        "boot: starting the machine",
        "boot: waiting for SSH",
        "boot: connected",
        "step apt-quiet",
        "step docker",
        "capture: shutting down",
        "capture: writing the image",
    ]


def test_restart_is_a_wait_for_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    phases = Phases(Progress())
    phases.read("==> bake.qemu.machine: Waiting for SSH to become available...")
    assert phases.waiting
    assert phases.waiting[0] == "boot"
    phases.read("==> bake.qemu.machine: Connected to SSH!")
    assert phases.waiting is None
    phases.read("    bake.qemu.machine: reboot: restarts: kernel 6.1 runs and 6.2 is to boot")
    phases.read(
        "==> bake.qemu.machine: Provisioning with shell script: packer/provision/rebooted.sh"
    )
    assert phases.waiting
    assert phases.waiting[0] == "restart"
    phases.read("    bake.qemu.machine: rebooted: the machine answers")
    assert phases.waiting is None
    assert "restart: kernel 6.1 runs and 6.2 is to boot" in said(capsys)


def test_needless_restart_is_said_and_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    phases = Phases(Progress())
    phases.read("    bake.qemu.machine: reboot: no restart is needed: the newest kernel 6.1 runs")
    assert phases.waiting is None
    assert said(capsys)[-1] == "restart: none is needed"


def test_sign_of_life_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    phases = Phases(Progress())
    phases.read("==> machine: Waiting for SSH to become available...")
    for now in range(70):  # noqa: B007  # the clock reads it
        phases.tick()
    assert said(capsys)[2:] == [
        "boot: waiting for SSH: still at it after 30 s",
        "boot: waiting for SSH: still at it after 60 s",
    ]


def test_any_line_is_read_quickly() -> None:
    phases = Phases(Progress())
    began = time.thread_time()
    for line in ("x" * 1_000_000, "Provisioning with shell script: " + "x" * 40_000):
        phases.read(line)
    assert time.thread_time() - began < 10
