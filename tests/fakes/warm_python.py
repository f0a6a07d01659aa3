"""A Python that has imported what takes long already, for processes that tests start often.

    with WarmPython(folder) as warm:
        warm.link(project / ".venv")

`bin/python` in that folder stands for the checkout's: it hands its arguments, environment and
files to one process, which forks a copy of itself that runs the program. Only packages are
imported beforehand, so that a program's own modules are those of its own folder. Whatever has to
do with signals and kills is tested with the real one.
"""

import array
import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, Self

#: What programs, the bakery, the offline plugins and the simulators import of packages.
PACKAGES = (
    *("boto3", "grpc", "pydantic", "requests", "tenacity", "yaml"),
    *("google.auth.transport.requests", "googleapiclient.discovery"),
    *("pulumi", "pulumi.runtime", "pulumi.runtime.proto", "pulumi_command.local"),
    *("pulumi_aws.ec2", "pulumi_aws.iam", "pulumi_aws.s3", "pulumi_aws.ssm"),
    *("pulumi_azure_native.authorization", "pulumi_azure_native.compute"),
    *("pulumi_azure_native.resources", "pulumi_azure_native.storage", "pulumi_azuread"),
    *("pulumi_gcp.compute", "pulumi_gcp.storage", "pulumi_gcp.projects", "pulumi_gcp.iam"),
    *("oci.core", "oci.identity", "oci.limits", "oci.marketplace", "oci.object_storage"),
    *("oci.work_requests", "pulumi_oci.core", "pulumi_oci.identity", "pulumi_oci.marketplace"),
    *("pulumi_oci.objectstorage",),
    *("pulumi_gcp.organizations", "pulumi_gcp.serviceaccount", "pulumi_gcp.provider"),
)
PLUGINS = ("language", "command")
OFFLINE = Path(__file__).parents[2] / "tools" / "offline"

#: The command that stands for Python: a small one, without anything to import but this.
CLIENT = """#!{python} -SI
import array, json, os, signal, socket, sys
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
        self._address = str(folder / "python.socket")
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._address], stdout=subprocess.PIPE, text=True
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
        text = CLIENT.format(python=python, address=self._address, first=first, me=me)
        file.write_text(text)
        file.chmod(0o755)


# The process


def serve(address: str) -> NoReturn:
    for package in PACKAGES:
        with suppress(ImportError):
            # Packages of Pulumi load when something in them is first asked for.
            hasattr(importlib.import_module(package), "anything")
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork() == 0:
            listener.close()
            attend(client)
        client.close()


def attend(client: socket.socket) -> NoReturn:
    """Runs the program in a child, so that its end can be told."""
    head, ancillary, *_ = client.recvmsg(4, socket.CMSG_SPACE(3 * 4))
    files = array.array("i", ancillary[0][2])
    text = b""
    while len(text) < int.from_bytes(head, "big"):
        text += client.recv(1 << 20)
    program = os.fork()
    if program == 0:
        client.close()
        run(list(files), *json.loads(text))
    for file in (*files, 0, 1, 2):
        os.close(file)

    def pass_on() -> None:
        while number := client.recv(1):
            with suppress(ProcessLookupError):
                os.kill(program, number[0])
        # Who asked is gone, as if it had been the program.
        with suppress(ProcessLookupError):
            os.kill(program, signal.SIGKILL)

    threading.Thread(target=pass_on, daemon=True).start()
    _, status = os.waitpid(program, 0)
    code = os.waitstatus_to_exitcode(status)
    with suppress(OSError):
        client.send(bytes([code if code >= 0 else 128 - code]))
    os._exit(0)


def run(
    files: list[int], args: list[str], environment: dict[str, str], folder: str, python: str
) -> NoReturn:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
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
        # The bakery starts a supervisor, and gives it files: with the real Python.
        sys.executable = REAL
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


REAL = sys.executable

if __name__ == "__main__":
    serve(sys.argv[1])
