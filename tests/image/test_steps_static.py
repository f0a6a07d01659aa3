"""What holds for every step and check, without running it."""

import os
import shutil
import subprocess

import pytest

from images.catalog import CATALOG
from tests.image.chroot.machine import PROJECT, PROVISION, STUBS

CHECKS = PROJECT / "packer" / "checks"
SCRIPTS = sorted([*PROVISION.iterdir(), *CHECKS.iterdir(), *STUBS.iterdir()])

pytestmark = pytest.mark.image


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shellcheck_finds_nothing(script: os.PathLike[str]) -> None:
    assert shutil.which("shellcheck"), "install the package shellcheck"
    done = subprocess.run(
        ["shellcheck", "--external-sources", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", [PROVISION, CHECKS], ids=lambda path: path.name)
def test_scripts_are_strict(folder: os.PathLike[str]) -> None:
    for script in sorted(PROJECT.joinpath(folder).iterdir()):
        if script.name == "lib.sh":  # only sourced
            continue
        text = script.read_text()
        assert text.startswith("#!/usr/bin/env bash\n# "), script.name
        assert "\nset -euo pipefail\n" in text, script.name


def test_each_step_and_check_has_a_script_and_each_script_a_use() -> None:
    steps = {step for entry in CATALOG for step in entry.steps}
    assert {path.stem for path in PROVISION.glob("*.sh")} == steps | {"lib"}
    checks = {check for entry in CATALOG for check in entry.checks}
    assert {path.stem for path in CHECKS.glob("*.sh")} == checks
