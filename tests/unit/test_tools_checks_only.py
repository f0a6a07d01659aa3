"""`make check` sets up what it uses: not Pulumi, which may have to be built, and no base image."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT
from tools import __main__ as setup
from tools import accelerator, base_image, demo_registry, packages, packer_cli, pulumi_cli

pytestmark = pytest.mark.unit


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Which parts of set-up were asked for, on a machine that has nothing."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    names: list[str] = []
    for module in (packages, packer_cli, pulumi_cli, demo_registry, base_image):
        monkeypatch.setattr(module, "ensure", lambda *_, part=module.__name__: names.append(part))
    monkeypatch.setattr(accelerator, "choose", lambda *_: names.append(accelerator.__name__))
    return names


def arguments(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setattr(sys, "argv", ["tools/setup", *given])


def test_programs_alone_and_no_word_about_the_machine(
    called: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    arguments(monkeypatch, "--checks-only")
    assert setup.main() == 0
    assert called == ["tools.packages", "tools.packer_cli"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("check", ["tools/setup --checks-only", ". tools/env && exec tools/check"]),
        ("setup", ["tools/setup"]),
    ],
)
def test_what_the_target_runs(target: str, lines: list[str]) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", target],
        cwd=PROJECT,
        # not the words of a make that runs these tests
        env={name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.strip() for line in done.stdout.splitlines()] == lines
