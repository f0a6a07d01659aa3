"""What is on the machine comes first, then the official release, then what registries give."""

import sys
from pathlib import Path

import pytest

from images.host import Source
from tests.unit.test_tools_commands import program
from tools import actionlint_cli, apt, base_image, downloads, packer_cli, pulumi_cli
from tools.__main__ import main
from tools.errors import SetupError, Unavailable
from tools.layout import Layout
from tools.progress import Progress

pytestmark = pytest.mark.unit


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "home")


@pytest.fixture
def machine_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but the shell's own, and a folder for what the machine has."""
    folder = tmp_path / "machine"
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No address can be reached; returns those that were tried."""
    tried: list[str] = []

    def unreachable(url: str, checksum: str, target: Path) -> None:
        tried.append(url)
        raise Unavailable("there is no internet")

    def silent(url: str) -> bool:
        tried.append(url)
        return False

    monkeypatch.setattr(downloads, "fetch", unreachable)
    monkeypatch.setattr(downloads, "answers", silent)
    return tried


def test_a_new_enough_packer_is_left_alone(
    layout: Layout, machine_path: Path, offline: list[str]
) -> None:
    layout.link(program(layout.tools, "packer", "echo Packer v1.16.0"))
    program(machine_path, "packer", "echo Packer v1.6.6")
    packer_cli.ensure(layout, Progress())
    assert offline == []
    assert not (layout.links / "packer").exists()


def test_an_old_packer_is_passed_over_for_the_release(
    layout: Layout, machine_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine_path, "packer", "echo Packer v1.5.0")

    def fetched(url: str, checksum: str, target: Path) -> None:
        target.parent.mkdir(parents=True)
        target.write_bytes(b"an archive")

    def unpacked(archive: Path, folder: Path) -> None:
        # 1.6.6 as what it says of itself: the test is not about plugins
        program(folder, "packer", "echo Packer v1.6.6")

    monkeypatch.setattr(downloads, "fetch", fetched)
    monkeypatch.setattr(downloads, "unpack", unpacked)
    packer_cli.ensure(layout, Progress())
    assert (layout.links / "packer").resolve().is_relative_to(layout.tools)
    assert list(layout.downloads.iterdir()) == []


def test_programs_of_a_hosted_runner_are_passed_over_for_the_pinned_ones(
    layout: Layout, machine_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its image has Pulumi and Packer on PATH, the newest of the day that it was built on
    (`images/ubuntu/scripts/build/install-{pulumi,packer}.sh`, actions/runner-images)."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    program(machine_path, "packer", "echo Packer v1.99.0")
    program(machine_path, "pulumi", "echo v3.999.0")

    def fetched(url: str, checksum: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"an archive")

    def unpacked(archive: Path, folder: Path) -> None:
        # 1.6.6 as what it says of itself: the test is not about plugins
        program(folder, "packer", "echo Packer v1.6.6")
        program(folder / "pulumi", "pulumi", f"echo v{pulumi_cli.VERSION}")

    monkeypatch.setattr(downloads, "fetch", fetched)
    monkeypatch.setattr(downloads, "unpack", unpacked)
    monkeypatch.setattr(downloads, "answers", lambda _: False)
    monkeypatch.setattr(sys, "argv", ["tools/setup", "--only", "clouds", "--pinned"])
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(layout.home))
    assert main() == 0
    for name in ("packer", "pulumi"):
        assert (layout.links / name).resolve().is_relative_to(layout.tools)


def test_no_other_packer_is_taken_for_the_pinned_one(
    layout: Layout, machine_path: Path, offline: list[str]
) -> None:
    program(machine_path, "packer", "echo Packer v1.99.0")
    with pytest.raises(SetupError, match="there is no internet"):
        packer_cli.ensure(layout, Progress(), pinned=True)


def test_packer_comes_from_the_distribution_where_there_is_no_internet(
    layout: Layout, machine_path: Path, offline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(packages: list[str], logs: Path, progress: Progress) -> None:
        assert packages == ["packer"]
        program(machine_path, "packer", "echo Packer v1.6.6")

    monkeypatch.setattr(apt, "install", installed)
    packer_cli.ensure(layout, Progress())
    assert len(offline) == 1
    assert not (layout.links / "packer").exists()


def test_a_wrong_checksum_is_no_reason_to_try_another_way(
    layout: Layout, machine_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampered(url: str, checksum: str, target: Path) -> None:
        raise SetupError("is not what it should be")

    monkeypatch.setattr(downloads, "fetch", tampered)
    with pytest.raises(SetupError, match="not what it should be"):
        packer_cli.ensure(layout, Progress())
    with pytest.raises(SetupError, match="not what it should be"):
        pulumi_cli.ensure(layout, Progress())


def test_pulumi_is_built_where_there_is_no_internet(
    layout: Layout,
    machine_path: Path,
    offline: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    # A Go that "builds" a program which tells its version, at the place that follows -o.
    program(
        machine_path,
        "go",
        '[ "$1" = version ] && echo go version go1.99.0 && exit\n'
        'while [ "$1" != -o ]; do shift; done\n'
        f'printf \'#!/bin/sh\\necho v{pulumi_cli.VERSION}\\n\' >"$2"; /bin/chmod +x "$2"',
    )
    pulumi_cli.ensure(layout, Progress())
    assert (layout.links / "pulumi").is_file()
    assert len(offline) == 2

    # The second run has all it needs and asks nobody.
    pulumi_cli.ensure(layout, Progress())
    assert len(offline) == 2


def test_actionlint_is_built_once_unless_the_machine_has_it(
    layout: Layout, machine_path: Path
) -> None:
    version = actionlint_cli.VERSION
    program(
        machine_path,
        "go",
        '[ "$1" = version ] && echo go version go1.99.0 && exit\n'
        f'echo built >>"{layout.home}/built"\n'
        'while [ "$1" != -o ]; do shift; done\n'
        f'printf \'#!/bin/sh\\necho {version}\\n\' >"$2"; /bin/chmod +x "$2"',
    )
    for _ in range(2):
        actionlint_cli.ensure(layout, Progress())
    assert (layout.links / "actionlint").is_file()
    assert (layout.home / "built").read_text().split() == ["built"]

    program(machine_path, "actionlint", f"echo {version}")
    actionlint_cli.ensure(layout, Progress())
    assert not (layout.links / "actionlint").exists()


def test_the_base_image_is_ubuntus_where_it_can_be_had(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched(url: str, checksum: str, target: Path) -> None:
        target.parent.mkdir(parents=True)
        target.write_bytes(b"ubuntu")

    monkeypatch.setattr(downloads, "fetch", fetched)
    source = base_image.ensure("auto", None, layout, Progress())
    assert source.name.startswith("ubuntu-24.04-2")
    assert source.file.read_bytes() == b"ubuntu"


def test_ubuntu_alone_is_an_error_without_internet(layout: Layout, offline: list[str]) -> None:
    with pytest.raises(SetupError, match="SOURCE=debian-12"):
        base_image.ensure("ubuntu-24.04", None, layout, Progress())


def test_a_base_image_of_an_older_recipe_is_made_anew(
    layout: Layout, offline: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recipe = program(tmp_path, "debian-12.sh", "echo image >$1")
    monkeypatch.setattr(base_image, "_RECIPE", recipe)
    first = base_image.ensure("auto", None, layout, Progress())
    assert base_image.ensure("auto", first, layout, Progress()) == first
    assert len(offline) == 1

    program(tmp_path, "debian-12.sh", "echo another image >$1")
    second = base_image.ensure("auto", first, layout, Progress())
    assert second.name != first.name
    assert second.file.read_text(encoding="utf-8") == "another image\n"


def test_a_settled_base_image_that_was_removed_is_made_anew(
    layout: Layout, offline: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(base_image, "_RECIPE", program(tmp_path, "debian-12.sh", "echo image >$1"))
    first: Source = base_image.ensure("debian-12", None, layout, Progress())
    first.file.unlink()
    assert base_image.ensure("debian-12", first, layout, Progress()).file.is_file()
