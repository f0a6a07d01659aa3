"""Who needs a part of set-up gets it alone: `make check` no Pulumi, which may have to be built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT
from tools import __main__ as setup
from tools import (
    accelerator,
    actionlint_cli,
    base_image,
    demo_registry,
    packages,
    packer_cli,
    pulumi_cli,
    todays_packer,
)

pytestmark = pytest.mark.unit


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Which parts of set-up were asked for, on a machine that has nothing."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path))
    names: list[str] = []
    for module in (
        *(packages, packer_cli, pulumi_cli, demo_registry, base_image),
        *(actionlint_cli, todays_packer),
    ):
        monkeypatch.setattr(
            module, "ensure", lambda *_, part=module.__name__, **_more: names.append(part)
        )
    monkeypatch.setattr(accelerator, "choose", lambda *_: names.append(accelerator.__name__))
    return names


def arguments(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setattr(sys, "argv", ["tools/setup", *given])


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("python", []),
        ("checks", ["packages", "actionlint_cli", "packer_cli"]),
        ("clouds", ["pulumi_cli", "packer_cli"]),
        ("todays-packer", ["todays_packer"]),
    ],
)
def test_a_part_alone_and_no_word_about_the_machine(
    part: str,
    wanted: list[str],
    called: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    arguments(monkeypatch, "--only", part)
    assert setup.main() == 0
    assert called == [f"tools.{module}" for module in wanted]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("check", ["tools/setup --only checks", ". tools/env && exec tools/check"]),
        ("setup", ["tools/setup"]),
        ("packer", ["tools/setup --only todays-packer"]),
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
