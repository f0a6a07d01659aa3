"""The supervisor ends what it started, whatever that does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bakery.packer import process_group
from bakery.packer.console import Console
from bakery.packer.runner import end_group
from bakery.packer.supervisor import GROUP_FILE, Run, supervise

pytestmark = pytest.mark.unit

HANG = "import time; print('ready', flush=True); time.sleep(600)"
#: Notes in its folder that it runs, and that it was asked to end.
INTERRUPTIBLE = """
import pathlib, time
try:
    pathlib.Path("ready").touch()
    time.sleep(600)
except KeyboardInterrupt:
    pathlib.Path("interrupted").touch()
"""
STUBBORN = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {HANG}"


@pytest.fixture
def lifeline() -> Iterator[int]:
    """Open as long as somebody waits for the result."""
    reading, writing = os.pipe()
    yield reading
    os.close(writing)
    os.close(reading)


def run(tmp_path: Path, program: str, **changes: object) -> Run:
    return Run(
        argv=[sys.executable, "-c", program],
        sidecars=[],
        environment=dict(os.environ),
        folder=tmp_path,
        log=tmp_path / "log",
        limit=20,
        grace=1,
        work=[tmp_path],
        started=time.time(),
    ).model_copy(update=changes)


@pytest.mark.parametrize(("status", "how"), [(0, "done"), (3, "failed")])
def test_end_of_packer(tmp_path: Path, lifeline: int, status: int, how: str) -> None:
    program = f"import sys; print('a line'); sys.exit({status})"
    outcome = supervise(run(tmp_path, program), lifeline)
    assert (outcome.how, outcome.status) == (how, status)
    assert (tmp_path / "log").read_text(encoding="utf-8") == "a line\n"


def test_attempts_share_a_log(tmp_path: Path, lifeline: int) -> None:
    for word in ("first", "second"):
        supervise(run(tmp_path, f"print('{word}')"), lifeline)
    assert (tmp_path / "log").read_text(encoding="utf-8") == "first\nsecond\n"


RESTARTS = f"print('reboot: restarts: a new kernel', flush=True); {HANG}"


@pytest.mark.parametrize("words", ["reboot: machine restart", None])
def test_silent_console_ends_the_wait_for_a_machine(
    tmp_path: Path, lifeline: int, words: str | None
) -> None:
    """With or without a word: a machine may hang before its firmware has said any."""
    console = Console(file=tmp_path / "console.log", patience=0.5)
    if words:
        console.file.write_text(f"earlier\n{words}\n", encoding="utf-8")
    outcome = supervise(run(tmp_path, RESTARTS, console=console), lifeline)
    assert (outcome.how, outcome.waiting) == ("silent", "restart")
    assert (words or "has said nothing") in console.last_words()
    assert str(console.file) in console.last_words()


def test_silence_of_a_machine_that_is_at_work_is_no_fault(tmp_path: Path, lifeline: int) -> None:
    console = Console(file=tmp_path / "console.log", patience=0.2)
    works = f"print('rebooted: the machine answers', flush=True); {HANG}"
    outcome = supervise(run(tmp_path, works, console=console, limit=2), lifeline)
    assert (outcome.how, outcome.waiting) == ("timeout", None)


@pytest.mark.parametrize("program", [HANG, STUBBORN], ids=["polite", "stubborn"])
def test_time_limit_is_kept_even_by_the_stubborn(
    tmp_path: Path, lifeline: int, program: str
) -> None:
    outcome = supervise(run(tmp_path, program, limit=0.5), lifeline)
    assert outcome.how == "timeout"
    assert outcome.status < 0, "it was ended: on its own it goes on for long"
    group_id = int((tmp_path / GROUP_FILE).read_text(encoding="utf-8").split()[0])
    assert not process_group.exists(group_id)


def test_full_disk_does_not_stop_packer(
    tmp_path: Path, lifeline: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Somebody has to go on reading, or Packer waits for ever to be heard."""
    program = "for _ in range(5000): print('x' * 100)"
    outcome = supervise(run(tmp_path, program, log=Path("/dev/full")), lifeline)
    assert outcome.how == "done"
    assert "Traceback" not in capfd.readouterr().err


def test_what_runs_beside_ends_with_packer(tmp_path: Path, lifeline: int) -> None:
    outcome = supervise(
        run(
            tmp_path,
            "import os, time\nwhile not os.path.exists('ready'): time.sleep(0.02)",
            sidecars=[[sys.executable, "-c", INTERRUPTIBLE]],
        ),
        lifeline,
    )
    assert outcome.how == "done"
    assert (tmp_path / "interrupted").exists(), "it can be interrupted: it need not be killed"
    group_id = int((tmp_path / GROUP_FILE).read_text(encoding="utf-8").split()[0])
    assert not process_group.exists(group_id)


def running(words: str) -> list[Path]:
    """Processes that have these words in their command line."""
    found: list[Path] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if words.encode() in (process / "cmdline").read_bytes():
                found.append(process)
    return found


@pytest.mark.parametrize(
    "changes",
    [{"work": [Path("/no/such/folder")]}, {"sidecars": [["/no/such/program"]]}],
    ids=["no room for its name", "no program beside it"],
)
def test_failure_of_its_own_leaves_no_packer(
    tmp_path: Path, lifeline: int, changes: dict[str, object]
) -> None:
    """A disk that is full, say: nobody else could find what has been started."""
    packer = f"import time  # {tmp_path}\nfor _ in range(100): print('x' * 1000); time.sleep(0.3)"
    with pytest.raises(OSError, match="/no/such"):
        supervise(run(tmp_path, packer, **changes), lifeline)
    assert not running(f"# {tmp_path}")


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process group that no run of ours has started."""
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_ticket_finds_its_group(stranger: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    ticket = process_group.identifier(stranger.pid)
    assert process_group.find(ticket) == stranger.pid
    (tmp_path / GROUP_FILE).write_text(f"{ticket} 5", encoding="utf-8")
    end_group(tmp_path)
    assert stranger.wait(5) == -signal.SIGINT
    assert process_group.find(ticket) is None


def test_later_run_gives_packer_the_time_that_its_own_run_would(tmp_path: Path) -> None:
    """In clouds it is minutes: who is killed before leaves a machine there."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    ticket = process_group.identifier(process.pid)
    (tmp_path / GROUP_FILE).write_text(f"{ticket} 1.5", encoding="utf-8")
    began = time.monotonic()
    end_group(tmp_path)
    assert process.wait(5) == -signal.SIGKILL
    assert 1.5 <= time.monotonic() - began < 20


@pytest.mark.parametrize("field", [1, 2], ids=["another birth", "before a reboot"])
def test_reused_number_is_not_taken_for_ours(
    stranger: "subprocess.Popen[bytes]", tmp_path: Path, field: int
) -> None:
    fields = process_group.identifier(stranger.pid).split()
    fields[field] = "12345"
    (tmp_path / GROUP_FILE).write_text(" ".join([*fields, "5"]), encoding="utf-8")
    end_group(tmp_path)
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "x", "1 2", "x y z", "1 2 x y"])
def test_torn_ticket_ends_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / GROUP_FILE).write_text(text, encoding="utf-8")
    end_group(tmp_path)
