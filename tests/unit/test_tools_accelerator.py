"""KVM is used only where a boot under it came to its end."""

import os
from pathlib import Path

import pytest

from tests.unit.test_tools_commands import program
from tools import accelerator
from tools.layout import Layout
from tools.progress import Progress

pytestmark = pytest.mark.unit


def test_a_probe_that_hangs_is_given_up_within_its_limit(tmp_path: Path) -> None:
    hanging = program(tmp_path, "qemu", f"echo $$ >{tmp_path}/pid; exec sleep 3600")
    assert not accelerator.probe(str(hanging), limit=0.5)
    process = (tmp_path / "pid").read_text(encoding="utf-8").strip()
    assert not Path(f"/proc/{process}").exists()


@pytest.mark.parametrize(
    ("script", "works"),
    [
        ("exit 1", True),
        ("exit 0", False),
        ("echo 'Could not access KVM kernel module' >&2; exit 1", False),
    ],
    ids=["guest-ended-it", "closed", "no-kvm"],
)
def test_only_the_guests_own_end_counts(tmp_path: Path, script: str, works: bool) -> None:
    assert accelerator.probe(str(program(tmp_path, "qemu", script))) is works


def test_no_qemu_is_no_kvm(tmp_path: Path) -> None:
    assert not accelerator.probe(str(tmp_path / "absent"))


def test_the_boot_sector_ends_a_real_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulated, as the machine that tests may have no KVM: the sector is the same."""
    monkeypatch.setattr(accelerator, "ACCELERATION", "tcg")
    assert accelerator.probe(limit=30)


def test_the_answer_is_remembered_until_the_next_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes: list[bool] = []

    def probe() -> bool:
        probes.append(True)
        return True

    monkeypatch.setattr(accelerator, "probe", probe)
    layout = Layout(tmp_path)
    device = tmp_path / "kvm"
    device.touch()
    assert accelerator.choose(layout, Progress(), device) == "kvm"
    assert accelerator.choose(layout, Progress(), device) == "kvm"
    assert len(probes) == 1
    layout.accelerator.write_text('{"boot": "another", "accelerator": "tcg"}', encoding="utf-8")
    assert accelerator.choose(layout, Progress(), device) == "kvm"
    assert len(probes) == 2


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (False, "nested virtualization"),
        (True, "`sudo usermod --append --groups kvm $USER`, log in anew"),
    ],
    ids=["absent", "of-others"],
)
def test_without_access_nothing_is_tried_and_the_way_out_is_named(
    there: bool,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def probe() -> bool:
        raise AssertionError

    monkeypatch.setattr(accelerator, "probe", probe)
    monkeypatch.setattr(os, "access", lambda *_: False)
    device = tmp_path / "kvm"
    if there:
        device.touch()
    assert accelerator.choose(Layout(tmp_path), Progress(), device) == "tcg"
    assert words in capsys.readouterr().err
