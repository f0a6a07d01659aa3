"""A Python that has imported what takes long already, for processes that tests start often.

    with WarmPython(folder) as warm:
        warm.link(project / ".venv")

`bin/python` in that folder stands for the checkout's: it hands its arguments, environment and
files to one process, which forks a copy of itself that runs the program. Only packages are
imported beforehand, so that a program's own modules are those of its own folder. Whatever has to
do with signals and kills is tested with the real one, which also runs what is given more files.
"""

import array
import gc
import importlib
import io
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, Self

#: What those load late that are named below.
PACKAGES = (
    *("debsbom.cli", "google.auth.transport.requests", "pulumi_aws.iam"),
    *("pulumi_azure_native.resources", "pulumi_gcp.iam", "pulumi_gcp.organizations"),
    *("pulumi_gcp.projects", "pulumi_gcp.serviceaccount", "pulumi_oci.marketplace"),
    *("pulumi_oci.objectstorage", "oci.core", "oci.identity", "oci.limits", "oci.marketplace"),
)
#: What boto3 reads the model of, with its default session.
SERVICES = ("ec2", "iam", "s3", "service-quotas", "sts")
PLUGINS = ("language", "command")
#: Gets files besides the usual three.
SUPERVISOR = "bakery.packer.supervisor"
CHECKOUT = Path(__file__).resolve().parents[2]
OFFLINE = CHECKOUT / "tools" / "offline"
CLOUDS = ("aws", "azure", "gcp", "oci")
#: What imports nearly all that our programs import.
OURS = (
    *("bakery.__main__", "components.backends", "components.errors", "components.outputs"),
    *(f"bakery.{cloud}.adapter" for cloud in CLOUDS),
    *(f"bakery.{cloud}.publication_checks" for cloud in CLOUDS),
    *(f"components.{cloud}.cloud" for cloud in CLOUDS),
    *("bakery.sbom.validation", "command_provider", "language_host", "language_program"),
    *(f"tests.simulators.{cloud}.provider.cloud" for cloud in ("aws", "gcp", "oci")),
    *("tests.simulators.azure.native.cloud", "tests.simulators.azure.azuread.cloud"),
    "tests.simulators.pulumi.plugin",
)

#: The command that stands for Python: a small one, without anything to import but this.
CLIENT = """#!{python} -SI
import array, json, os, signal, socket, sys
if {supervisor!r} in sys.argv:
    os.execv({real!r}, [{real!r}, *sys.argv[1:]])
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
text = json.dumps([{first!r} + sys.argv[1:], dict(os.environ), os.getcwd(), {me!r}]).encode()
files = array.array("i", [0, 1, 2])
server.sendmsg([len(text).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
server.sendall(text)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: server.send(bytes([number])))
for file in (0, 1, 2):
    os.close(file)
said = server.recv(1)
os._exit(said[0] if said else 1)
"""


class WarmPython:
    """The process that forks; `folder` is short, for it has the socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = str(folder / "python.socket")
        self._process = subprocess.Popen(
            [sys.executable, __file__, self.address],
            # That of the bakery's own programs, where an order depends on it.
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._client(folder / "venv" / "bin" / "python", [], "")
        for kind in PLUGINS:
            name = "pulumi-language-python" if kind == "language" else "pulumi-resource-command"
            host = "language_host.py" if kind == "language" else "command_provider.py"
            self._client(folder / kind / name, [str(OFFLINE / host)], sys.executable)
        assert self._process.stdout is not None
        with self._process.stdout as said:
            assert said.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def link(self, venv: Path) -> None:
        """Where a project has its environment, it has this one."""
        venv.symlink_to(self._folder / "venv")

    def plugin(self, name: str, program: Path, *args: str) -> str:
        """A folder for PATH with a plugin of that name, which is this program."""
        folder = self._folder / name
        self._client(folder / name, [str(program), *args], sys.executable)
        return str(folder)

    def folders(self, plugins: list[str]) -> list[str]:
        """In place of the folders of the offline plugins that serve."""
        return [str(self._folder / Path(folder).name) for folder in plugins]

    def _client(self, file: Path, first: list[str], executable: str) -> None:
        """`executable` is what the program takes for its Python; itself where there is none."""
        file.parent.mkdir(parents=True, exist_ok=True)
        python = os.path.realpath(sys.executable)
        me = executable or str(file)
        text = CLIENT.format(
            python=python,
            real=sys.executable,
            supervisor=SUPERVISOR,
            address=self.address,
            first=first,
            me=me,
        )
        file.write_text(text)
        file.chmod(0o755)


# The process


@dataclass(frozen=True)
class Program:
    """One that runs, and who asked for it."""

    id: int
    ended: int
    client: socket.socket


def serve(address: str) -> NoReturn:
    read_packages()
    boto3 = importlib.import_module("boto3")
    for service in SERVICES:
        boto3.client(service, "us-east-1", aws_access_key_id="no", aws_secret_access_key="one")
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        while True:
            ended: list[Program] = []
            for key, _ in waiting.select():
                if key.fileobj is listener:
                    if program := start(listener.accept()[0]):
                        waiting.register(program.client, selectors.EVENT_READ, program)
                        waiting.register(program.ended, selectors.EVENT_READ, program)
                elif key.fileobj == key.data.ended:
                    ended.append(key.data)
                elif not pass_on(key.data):
                    waiting.unregister(key.data.client)
            # Last: what was said to one of them in the meantime finds it still.
            for program in ended:
                end(program, waiting)


def read_packages() -> None:
    """What our programs import, but not what is ours: it is read from each program's own folder."""
    before = set(sys.modules)
    sys.path[:0] = [str(CHECKOUT), str(OFFLINE)]
    for name in (*OURS, *PACKAGES):
        # Packages of Pulumi load when something in them is first asked for.
        hasattr(importlib.import_module(name), "anything")
    del sys.path[:2]
    for name in set(sys.modules) - before:
        if is_ours(sys.modules[name]):
            del sys.modules[name]


def is_ours(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    place = file or next(iter(getattr(module, "__path__", ())), sys.prefix)
    return Path(place).is_relative_to(CHECKOUT) and not Path(place).is_relative_to(sys.prefix)


def start(client: socket.socket) -> Program | None:
    """None where who asks was gone before all was said."""
    head, ancillary, *_ = client.recvmsg(4, socket.CMSG_SPACE(3 * 4))
    files = array.array("i", ancillary[0][2] if ancillary else b"")
    text, size = b"", int.from_bytes(head, "big")
    while len(text) < size and (more := client.recv(1 << 20)):
        text += more
    whole = head and len(text) == size
    program = os.fork() if whole else None
    if program == 0:
        run(list(files), *json.loads(text))
    for file in files:
        os.close(file)
    if program is None:
        client.close()
        return None
    return Program(program, os.pidfd_open(program), client)


def pass_on(program: Program) -> bool:
    """Passes a signal on; whether more may come."""
    number = program.client.recv(1)
    # Who asked is gone, as if it had been the program.
    os.kill(program.id, number[0] if number else signal.SIGKILL)
    return bool(number)


def end(program: Program, waiting: selectors.BaseSelector) -> None:
    _, status = os.waitpid(program.id, 0)
    code = os.waitstatus_to_exitcode(status)
    with suppress(OSError):
        program.client.send(bytes([code if code >= 0 else 128 - code]))
    waiting.unregister(program.ended)
    os.close(program.ended)
    with suppress(KeyError):
        waiting.unregister(program.client)
    program.client.close()


def run(
    files: list[int], args: list[str], environment: dict[str, str], folder: str, python: str
) -> NoReturn:
    for number, file in enumerate(files):
        os.dup2(file, number)
    # Its own, and those of the programs that run beside it.
    os.closerange(3, 1 << 16)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.executable = python
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
    sys.stdout = _text(1)
    sys.stderr = _text(2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status: Any = 1
    try:
        _program(args)
        status = 0
    except SystemExit as left:
        status = left.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1 if status else 0)


def _program(args: list[str]) -> None:
    while args[0] == "-u":
        args = args[1:]
    if args[0] == "-m":
        sys.argv = args[1:]
        sys.path[0] = str(Path.cwd())
        runpy.run_module(args[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = args
        sys.path[0] = str(Path(args[0]).resolve().parent)
        runpy.run_path(args[0], run_name="__main__")


def _text(file: int) -> io.TextIOWrapper:
    """Every line is to be there when it is written."""
    return io.TextIOWrapper(open(file, "wb", 0, closefd=False), write_through=True)


if __name__ == "__main__":
    serve(sys.argv[1])
