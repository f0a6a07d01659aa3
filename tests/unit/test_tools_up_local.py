"""`make local`: the stack of this machine, whatever backend the shell has for others."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

SPY = '#!/bin/sh\necho "$PULUMI_BACKEND_URL [$PULUMI_CONFIG_PASSPHRASE] $*" >>"$SEEN"\n'


@pytest.mark.parametrize("backend", [None, "https://api.pulumi.com", "s3://states"])
def test_state_is_in_the_checkout(tmp_path: Path, backend: str | None) -> None:
    checkout, seen = tmp_path / "checkout", tmp_path / "seen"
    shutil.copytree(
        PROJECT / "tools", checkout / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text(SPY)
    (programs / "pulumi").chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    given = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SEEN": str(seen),
        "PULUMI_CONFIG_PASSPHRASE": "of the others",
        **({"PULUMI_BACKEND_URL": backend} if backend else {}),
    }
    subprocess.run(
        ["bash", str(checkout / "tools" / "up-local")],
        env=given,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    select, up = seen.read_text().splitlines()
    own = f"file://{checkout}/.state []"
    assert select == f"{own} stack select local --create --non-interactive"
    assert up == f"{own} up -s local --yes --skip-preview"
    assert (checkout / ".state").is_dir()
