"""Run one command as the real provider does, and stop it the same way."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from command_values import Properties

# The real provider's reader gives up at this length, and the command then hangs for ever.
_LONGEST_LINE = 64 * 1024
_CHUNK = 32 * 1024


class CommandError(Exception):
    """The command failed; the text is what the user sees."""


@dataclass(frozen=True)
class Result:
    stdout: str
    stderr: str


class Abort:
    """A reason to kill the command, which may come at any time."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def attach(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._process = process
            if self.reason:
                process.kill()

    def __call__(self, reason: str) -> None:
        """Kill the direct child only: its own children live on, as with the real provider."""
        with self._lock:
            self.reason = self.reason or reason
            if self._process and self._process.poll() is None:
                self._process.kill()


class LineLog:
    """Cut what arrives into lines; both streams may feed it."""

    def __init__(self, log: Callable[[str], None], abort: Abort) -> None:
        self._log = log
        self._abort = abort
        self._lock = threading.Lock()
        self._rest = b""

    def feed(self, data: bytes) -> None:
        with self._lock:
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._emit(line)
            self._check(self._rest)

    def close(self) -> None:
        if self._rest:
            self._emit(self._rest)

    def _emit(self, line: bytes) -> None:
        self._check(line)
        self._log(line.removesuffix(b"\r").decode(errors="replace"))

    def _check(self, line: bytes) -> None:
        if len(line) >= _LONGEST_LINE:
            self._abort(
                f"a line of {_LONGEST_LINE // 1024} KiB or more was printed while logging is on: "
                "the real command provider would hang here for ever"
            )


def run(
    command: str,
    inputs: Properties,
    previous: Result,
    log: Callable[[str], None],
    abort: Abort,
) -> Result:
    """Run `command` with the resource's (revealed) inputs; raise CommandError when it fails."""
    argv = [*(inputs.get("interpreter") or ["/bin/sh", "-c"]), command]
    stdin: str = inputs.get("stdin") or ""
    if abort.reason:
        raise CommandError(_failure(abort.reason, command, b""))
    try:
        process = subprocess.Popen(
            argv,
            executable=shutil.which(argv[0]),
            cwd=inputs.get("dir") or None,
            env=_environment(inputs, previous),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise CommandError(_failure(_not_started(error, argv[0]), command, b"")) from error
    abort.attach(process)

    lines = LineLog(log, abort)
    both = bytearray()
    logging = inputs.get("logging", "stdoutAndStderr")

    def read(stream: IO[bytes], captured: bytearray, shown: bool) -> None:
        while data := os.read(stream.fileno(), _CHUNK):
            captured.extend(data)
            both.extend(data)
            if shown:
                lines.feed(data)

    stdout, stderr = bytearray(), bytearray()
    workers: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (read, (process.stdout, stdout, logging in ("stdout", "stdoutAndStderr"))),
        (read, (process.stderr, stderr, logging in ("stderr", "stdoutAndStderr"))),
    ]
    if stdin:
        workers.append((_write, (process.stdin, stdin)))
    threads = [threading.Thread(target=target, args=args) for target, args in workers]
    for thread in threads:
        thread.start()
    # Also after a kill: not over before every holder of the pipes has closed them.
    for thread in threads:
        thread.join()
    status = process.wait()
    lines.close()

    if status or abort.reason:
        raise CommandError(_failure(_reason(status, abort), command, bytes(both)))
    return Result(_text(stdout), _text(stderr))


def _environment(inputs: Properties, previous: Result) -> dict[str, str]:
    given: dict[str, str] = inputs.get("environment") or {}
    environment = {**os.environ, **given}
    if inputs.get("addPreviousOutputInEnv", True):
        if previous.stdout:
            environment["PULUMI_COMMAND_STDOUT"] = previous.stdout
        if previous.stderr:
            environment["PULUMI_COMMAND_STDERR"] = previous.stderr
    return environment


def _write(stream: IO[bytes], text: str) -> None:
    try:
        with stream:
            stream.write(text.encode())
    except BrokenPipeError:
        # A command need not read its input.
        return


def _text(captured: bytearray) -> str:
    return captured.decode(errors="replace").removesuffix("\n")


def _not_started(error: OSError, program: str) -> str:
    if error.filename and error.filename != program:
        return f"chdir {error.filename}: {(error.strerror or '').lower()}"
    return f"fork/exec {program}: {(error.strerror or '').lower()}"


def _reason(status: int, abort: Abort) -> str:
    if status > 0:
        return f"exit status {status}"
    if status < 0 and (abort.reason is None or "context" in abort.reason):
        return f"signal: {(signal.strsignal(-status) or str(-status)).lower()}"
    return abort.reason or ""


def _failure(reason: str, command: str, output: bytes) -> str:
    quoted = json.dumps(command, ensure_ascii=False)
    return f"{reason}: running {quoted}:\n{output.decode(errors='replace')}"
