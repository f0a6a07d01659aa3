"""Who asks for a program may be gone at any time: the others are served all the same."""

import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

SECONDS = 0.05


@pytest.mark.parametrize("said", [b"", (500).to_bytes(4, "big")], ids=["nothing", "a part"])
def test_before_all_was_said(tmp_path: Path, warm: WarmPython, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(warm.address)
        client.sendall(said)
    assert status(tmp_path, warm) == 0


def test_as_the_program_ends(tmp_path: Path, warm: WarmPython) -> None:
    for number in range(30):
        client = subprocess.Popen(command(tmp_path, warm))
        time.sleep(SECONDS * (0.8 + number * 0.04))
        client.kill()
        client.wait()
    assert status(tmp_path, warm) == 0


def status(folder: Path, warm: WarmPython) -> int:
    return subprocess.run(command(folder, warm), check=False, timeout=60).returncode


def command(folder: Path, warm: WarmPython) -> list[str]:
    """Of a program that takes a moment."""
    program = folder / "program.py"
    program.write_text(f"import time\n\ntime.sleep({SECONDS})\n")
    python = folder / ".venv"
    if not python.exists():
        warm.link(python)
    return [str(python / "bin" / "python"), str(program)]
