"""The first minutes on a machine: what it is told that lacks something, and how to go on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.test_tools_commands import program
from tests.unit.unit_samples import PROJECT
from tools import apt, packages
from tools.errors import SetupError
from tools.progress import Progress

pytestmark = pytest.mark.unit


def set_up(checkout: Path, programs: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """tools/setup as a clone has it, with these programs first on PATH."""
    for name in ("setup", "__main__.py"):
        (checkout / "tools").mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / "tools" / name, checkout / "tools" / name)
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, checkout / name)
    return subprocess.run(
        ["bash", str(checkout / "tools" / "setup"), *arguments],
        env={"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(checkout)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("machine", [("Darwin", "arm64"), ("Linux", "aarch64")])
@pytest.mark.parametrize(
    ("part", "way_out"),
    [
        ((), "a pull request's own workflow runs the tests"),
        (("--only", "checks"), "a pull request's own workflow runs the checks"),
        (("--only", "clouds", "--pinned"), "staging.yml and prod.yml"),
        (("--only", "run"), "staging.yml and prod.yml"),
    ],
)
def test_other_machines_are_refused_before_anything_is_installed(
    tmp_path: Path, machine: tuple[str, str], part: tuple[str, ...], way_out: str
) -> None:
    system, processor = machine
    programs = tmp_path / "bin"
    program(programs, "uname", f'[ "$1" = -s ] && echo {system} || echo {processor}')
    installed = tmp_path / "installed"
    for name in ("python3", "sudo", "apt-get"):
        program(programs, name, f"touch {installed}; exit 1")
    done = set_up(tmp_path / "checkout", programs, *part)
    assert done.returncode == 1
    assert not installed.exists()
    assert f"this machine is {system} on {processor}" in done.stderr
    assert "Linux on x86_64" in done.stderr
    assert way_out in done.stderr


def test_without_apt_programs_and_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Fedora, which has other packages, and its firmware elsewhere."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "_PLACES", str(tmp_path))
    with pytest.raises(SetupError) as caught:
        packages.ensure(tmp_path, Progress())
    message = str(caught.value)
    assert "no apt-get" in message
    assert "qemu-system-x86_64 (Debian's qemu-system-x86)" in message
    assert "mcopy (Debian's mtools)" in message
    assert "Debian and Ubuntu" in message


def test_firmware_is_named_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_PROGRAMS", {})
    monkeypatch.setattr(packages, "_firmware", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(SetupError, match=r"/usr/share/OVMF/OVMF_CODE_4M\.fd"):
        packages.ensure(tmp_path, Progress())


def test_sudo_that_wants_a_password_is_asked_once_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "sudo", "echo 'sudo: a password is required' >&2; exit 1")
    program(tmp_path, "apt-get", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError) as caught:
        apt.install(["xorriso"], tmp_path / "logs", Progress())
    message = str(caught.value)
    assert "a password is required" in message
    assert "`sudo -v`" in message
    by_hand = "sudo apt-get update && sudo apt-get install --no-install-recommends xorriso"
    assert by_hand in message


def test_shell_of_a_clone_says_that_it_is_not_set_up(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(PROJECT / "tools" / "env", tmp_path / "tools" / "env")
    done = subprocess.run(
        ["bash", "-euc", ". tools/env"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "not set up" in done.stderr
    assert "`tools/setup --only clouds`" in done.stderr
    assert "`make setup`" in done.stderr


def test_clone_by_git_for_windows_has_scripts_that_run(tmp_path: Path) -> None:
    """Its installer offers core.autocrlf=true; a carriage return would be part of the digest."""
    there = tmp_path / "origin"
    (there / "packer" / "provision").mkdir(parents=True)
    for name in (".gitattributes", "packer/provision/lib.sh"):
        shutil.copy(PROJECT / name, there / name)
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.org")
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "first")):
        subprocess.run([*git, *command], cwd=there, check=True)
    clone = ("clone", "--quiet", "--config", "core.autocrlf=true", str(there), str(tmp_path / "c"))
    subprocess.run([*git, *clone], check=True)
    copied = (tmp_path / "c" / "packer" / "provision" / "lib.sh").read_bytes()
    assert copied == (PROJECT / "packer" / "provision" / "lib.sh").read_bytes()
