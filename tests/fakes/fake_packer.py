"""A Packer that does in each build what the next line of `behaviours` beside it says.

`behaviours` holds one JSON object a build, the last one again and again: `do` (ok, fail, hang),
`say` (printed first), `without` (files not written), `failed` (checks), `leave` (a process stays),
`made` (what hangs has made its image before), `cleans` (seconds that cleaning up takes),
`crashes` (fails as Packer does that panics: with `crash.log` in its folder, of which it tells).
`journal` gets what was seen. Like the real one it is a wrapper that ignores the interrupt plus a
child that does the work, and it refuses an output folder that exists.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fakes import cloud_images
from tests.fakes.handed_out import handed_out

#: What a host has as `packer`; it is in the folder of what it is told and of what it notes.
LAUNCHER = """#!{python}
import sys
from pathlib import Path
sys.path.insert(0, {checkout!r})
from tests.fakes.fake_packer import FakePacker
FakePacker(Path(__file__).parent).run()
"""


#: How Packer tells that it has written that file (panicOutput in its panic.go).
PANIC_OUTPUT = """
!!!!!!!!!!!!!!!!!!!!!!!!!!! PACKER CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!

Packer crashed! This is always indicative of a bug within Packer.
A crash log has been placed at "crash.log" relative to your current
working directory.
"""


class FakePacker:
    """One call of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self) -> None:
        # The worker is a fork in here too: it must not run what the wrapper has still to do.
        status = self._main()
        sys.stdout.flush()
        os._exit(status)

    def _main(self) -> int:
        self._note(event="called", argv=sys.argv[1:], environment=dict(os.environ))
        if sys.argv[1] == "version":
            print("Packer v1.6.6")
            return 0
        ignored = _ignored_signals()
        worker = os.fork()
        if worker:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) & 0xFF
        return self._build(self._behaviour(), ignored)

    def _note(self, **what: Any) -> None:
        with (self._folder / "journal").open("a", encoding="utf-8") as journal:
            print(json.dumps(what), file=journal)

    def _behaviour(self) -> dict[str, Any]:
        file = self._folder / "behaviours"
        lines = file.read_text(encoding="utf-8").splitlines()
        if len(lines) > 1:
            file.write_text("\n".join(lines[1:]), encoding="utf-8")
        return json.loads(lines[0])

    def _build(self, todo: dict[str, Any], ignored: list[int]) -> int:
        options = dict(arg.lstrip("-").split("=", 1) for arg in sys.argv[2:-1] if "=" in arg)
        only = options["only"].removesuffix(".*")
        variables = json.loads(Path(options["var-file"]).read_text(encoding="utf-8"))
        self._note(
            event="build",
            build=only,
            wrapper=os.getppid(),
            worker=os.getpid(),
            ignored=ignored,
            variables=variables,
        )
        Path(os.environ["TMPDIR"], "packer-temporary").write_text("", encoding="utf-8")
        output = Path(variables["output"]) if "output" in variables else None
        if output:
            output.mkdir()
        print("==> machine: Waiting for SSH to become available...", flush=True)
        print("==> machine: Provisioning with shell script: packer/provision/docker.sh", flush=True)
        print(todo.get("say", ""), flush=True)
        if todo.get("made"):
            cloud_images.make(variables)
        if todo["do"] == "hang":
            self._hang(output, todo.get("cleans", 0.5))
        if todo.get("crashes"):
            Path("crash.log").write_text(todo["crashes"], encoding="utf-8")
            print(PANIC_OUTPUT, flush=True)
        if todo["do"] == "fail":
            if output:
                output.rmdir()
            return 1
        if todo.get("leave"):
            left = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
            self._note(event="left", pid=left.pid)
        # As old as it says it is, it cannot help making an image in a verification too.
        cloud_images.make(variables)
        _write(only, variables, todo)
        return 0

    def _hang(self, output: Path | None, cleans: float) -> None:
        """A process of the group, a machine beside it, an end on interrupt."""
        machine = subprocess.Popen(["sleep", "600"])

        def clean(_signal: int, _frame: FrameType | None) -> None:
            self._note(event="interrupted")
            # Slow enough for a second interrupt to be seen.
            time.sleep(cleans)
            machine.kill()
            machine.wait()
            if output:
                output.rmdir()
            os._exit(1)

        signal.signal(signal.SIGINT, clean)
        self._note(event="hanging", machine=machine.pid)
        while True:
            time.sleep(0.05)


def _ignored_signals() -> list[int]:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    mask = int(status.partition("SigIgn:")[2].split()[0], 16)
    return [number for number in range(1, 32) if mask >> (number - 1) & 1]


def _write(only: str, variables: dict[str, Any], todo: dict[str, Any]) -> None:
    results = Path(variables["results"])
    if only == "verify":
        failed = todo.get("failed", [])
        checks = [
            {"name": name, "ok": name not in failed, "seconds": 0.1, "message": f"about {name}"}
            for name in variables["checks"]
            if name not in todo.get("without", [])
        ]
        files = {results / "checks.json": json.dumps(checks).encode()}
    else:
        files = {results / name: content for name, content in handed_out().items()}
        if "output" in variables:
            image = Path(variables["output"], variables["name"])
            files[image] = f"image of {variables['name']}".encode()
    for file, content in files.items():
        if file.name not in todo.get("without", []):
            file.write_bytes(content)
