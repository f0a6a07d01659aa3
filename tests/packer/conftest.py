"""Today's Packer, beside the one that is on PATH."""

import subprocess
from pathlib import Path

import pytest

from images.host import home
from tools.layout import Layout
from tools.packer_cli import VERSION

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def todays_packer(monkeypatch: pytest.MonkeyPatch) -> str:
    """Puts what `make packer` made on PATH, as its page says; returns its version."""
    if not Layout(home()).todays_packer.is_dir():
        pytest.skip("today's Packer is not there; `make packer` brings it")
    page = (PROJECT / "docs" / "setup.md").read_text(encoding="utf-8")
    section = page.partition("## Today's Packer\n")[2]
    script = section.partition("```sh\nmake packer\n")[2].partition("```")[0]
    told = subprocess.run(
        ["bash", "-euc", f'{script}printf "%s\\n" "$PATH" "$PACKER_PLUGIN_PATH"'],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    path, plugins = told.stdout.splitlines()
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("PACKER_PLUGIN_PATH", plugins)
    return VERSION
