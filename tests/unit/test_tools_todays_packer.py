"""`make packer`: downloaded, else built; once; and nothing half where it is cut off."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.test_tools_commands import program
from tests.unit.unit_samples import PROJECT
from tools import downloads, packer_cli, todays_packer
from tools.errors import SetupError, Unavailable
from tools.layout import Layout
from tools.progress import Progress

pytestmark = pytest.mark.unit

#: As Packer: says its version, and copies a plugin to where PACKER_PLUGIN_PATH says.
PACKER = """#!/bin/sh
case $1 in
  version) echo "Packer v1.16.0" ;;
  init) mkdir -p "$PACKER_PLUGIN_PATH" && basename "$2" >>"$PACKER_PLUGIN_PATH/init" ;;
  plugins) mkdir -p "$PACKER_PLUGIN_PATH/$5" && cp "$4" "$PACKER_PLUGIN_PATH/$5/" ;;
esac
"""
#: As Go: makes each package a program of the folder that follows -o, and notes that it ran.
GO = f"""[ "$1" = version ] && echo go version go1.99.0 && exit
echo "$GOFLAGS" >>"$(dirname "$0")/built"
[ -e "$(dirname "$0")/hang" ] && : >"$(dirname "$0")/hanging" && exec sleep 60
while [ "$1" != -o ]; do shift; done
folder=$2
shift 2
for package; do
  cat >"$folder/$(basename "$package")" <<'END'
{PACKER}END
  chmod +x "$folder/$(basename "$package")"
done
[ ! -e "$(dirname "$0")/broken" ]
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "home")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Go, and without internet."""
    folder = tmp_path / "machine"
    program(folder, "go", GO)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def unreachable(url: str, checksum: str, target: Path) -> None:
        raise Unavailable("there is no internet")

    monkeypatch.setattr(downloads, "fetch", unreachable)
    return folder


def runs(machine: Path) -> list[str]:
    return (machine / "built").read_text().splitlines()


def test_built_where_there_is_no_internet_and_once(layout: Layout, machine: Path) -> None:
    folder = todays_packer.ensure(layout, Progress())
    assert sorted(path.name for path in folder.iterdir()) == ["packer", "pins", "plugins"]
    plugins = folder / "plugins" / "github.com" / "hashicorp"
    assert sorted(path.name for path in plugins.iterdir()) == sorted(todays_packer.BUILT_PLUGINS)
    assert not layout.links.exists(), "the distribution's goes on serving what it serves"
    assert todays_packer.ensure(layout, Progress()) == folder
    assert runs(machine) == ["-mod=readonly"], "checked against go.sum, and built once"


def test_other_pins_are_built_anew(
    layout: Layout, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todays_packer.ensure(layout, Progress())
    monkeypatch.setattr(packer_cli, "VERSION", "1.17.0")
    todays_packer.ensure(layout, Progress())
    assert len(runs(machine)) == 2


def test_a_failed_build_leaves_nothing_and_can_be_run_again(layout: Layout, machine: Path) -> None:
    (machine / "broken").touch()
    with pytest.raises(SetupError, match="go failed with status 1"):
        todays_packer.ensure(layout, Progress())
    assert not layout.todays_packer.exists()
    (machine / "broken").unlink()
    assert (todays_packer.ensure(layout, Progress()) / "packer").is_file()


def test_an_interrupted_build_leaves_what_was_there(layout: Layout, machine: Path) -> None:
    """By the signals of ^C, to a process that has just this to do."""
    (machine / "hang").touch()
    code = (
        "from pathlib import Path\nfrom tools import downloads, todays_packer\n"
        "from tools.errors import Unavailable\nfrom tools.layout import Layout\n"
        "from tools.progress import Progress\n"
        "def unreachable(*_): raise Unavailable('there is no internet')\n"
        "downloads.fetch = unreachable\n"
        f"todays_packer.ensure(Layout(Path({str(layout.home)!r})), Progress())\n"
    )
    cut_off = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    limit = time.monotonic() + 30
    while not (machine / "hanging").exists():
        assert time.monotonic() < limit
        time.sleep(0.05)
    os.killpg(cut_off.pid, signal.SIGINT)
    assert cut_off.wait(timeout=30) != 0
    assert not layout.todays_packer.exists()
    (machine / "hang").unlink()
    assert (todays_packer.ensure(layout, Progress()) / "packer").is_file()
    assert not list(layout.tools.glob("*.new"))


def test_the_release_is_taken_where_it_can_be_had(
    layout: Layout, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched(url: str, checksum: str, target: Path) -> None:
        assert packer_cli.VERSION in url
        target.parent.mkdir(parents=True)
        target.write_bytes(b"an archive")

    def unpacked(archive: Path, folder: Path) -> None:
        program(folder, "packer", PACKER)

    monkeypatch.setattr(downloads, "fetch", fetched)
    monkeypatch.setattr(downloads, "unpack", unpacked)
    folder = todays_packer.ensure(layout, Progress())
    asked = (folder / "plugins" / "init").read_text().split()
    assert asked == sorted(file.name for file in packer_cli.PLUGINS.iterdir())
    assert not (machine / "built").exists()


def test_a_wrong_checksum_is_no_reason_to_build(
    layout: Layout, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampered(url: str, checksum: str, target: Path) -> None:
        raise SetupError("is not what it should be")

    monkeypatch.setattr(downloads, "fetch", tampered)
    with pytest.raises(SetupError, match="not what it should be"):
        todays_packer.ensure(layout, Progress())
    assert not (machine / "built").exists()
