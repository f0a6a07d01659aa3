"""Replace Pulumi's Python language host: runs a program in a process of its own."""
# The servicer classes that protoc makes for Python have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import importlib.metadata
import json
import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from plugin_server import Engine, serve

NOTICE = (
    "Pulumi's Python language host is not installed: the offline plugin in tools/offline serves"
)
PROGRAM = Path(__file__).with_name("language_program.py")
# What to say has been said: the engine adds nothing.
EXIT_ERROR_SHOWN = 32
_INTERRUPT_GRACE_SECONDS = 5


def interpreter(info: Any) -> str:
    """The Python of the project's `virtualenv` option, else the one that runs this plugin."""
    options: Any = info.options
    if "virtualenv" in options:
        python = Path(info.root_directory, options["virtualenv"], "bin", "python")
        if python.exists():
            return str(python)
    return sys.executable


def _announced_providers() -> list[tuple[str, str]]:
    """Names and versions of all providers whose packages are installed, used or not.

    The real host announces them too (pulumi-language-python, `determinePluginDependencies`), and
    the engine fetches them before the program runs, unless it is told not to.
    """
    found: list[tuple[str, str]] = []
    for distribution in importlib.metadata.distributions():
        module = distribution.metadata["Name"].lower().replace("-", "_")
        if not module.startswith("pulumi_"):
            continue
        file = Path(str(distribution.locate_file(module)), "pulumi-plugin.json")
        if file.is_file():
            told = json.loads(file.read_bytes())
            found.append((told["name"], told["version"]))
    return sorted(found)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Interrupt the program, and kill it when that does not end it."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    killer = threading.Timer(_INTERRUPT_GRACE_SECONDS, process.kill)
    killer.daemon = True
    killer.start()


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._engine = Engine()
        self._engine.connect(engine_address)
        self._programs: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine_address = request.engine_address
        self._engine.connect(request.engine_address)
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def About(self, request: Any, context: Any) -> Any:
        return language_pb2.AboutResponse(
            executable=interpreter(request.info), version=platform.python_version()
        )

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPackagesResponse(
            packages=[
                plugin_pb2.PackageDependency(kind="resource", name=name, version=version)
                for name, version in _announced_providers()
            ]
        )

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        installed = {
            distribution.metadata["Name"]: distribution.version
            for distribution in importlib.metadata.distributions()
        }
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in sorted(installed.items())
            ]
        )

    def InstallDependencies(self, request: Any, context: Any) -> Any:
        text = "The offline Python language host installs nothing.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    def Run(self, request: Any, context: Any) -> Any:
        self._engine.info(NOTICE)
        settings = {
            "project": request.project,
            "stack": request.stack,
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "organization": request.organization or "organization",
            "root_directory": request.info.root_directory,
        }
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        command = [
            interpreter(request.info),
            # Lines must reach the engine when they are written.
            "-u",
            str(PROGRAM),
            json.dumps(settings),
            request.info.entry_point or ".",
            *request.args,
        ]
        # The engine reads this process's output, so the program simply inherits it.
        with subprocess.Popen(
            command, cwd=request.pwd or request.info.program_directory, env=environment
        ) as process:
            self._programs.add(process)
            context.add_callback(lambda: stop(process))
            status = process.wait()
            self._programs.discard(process)
        if status == EXIT_ERROR_SHOWN:
            return language_pb2.RunResponse(bail=True)
        if status < 0:
            name = signal.Signals(-status).name
            return language_pb2.RunResponse(error=f"program was ended by signal {name}")
        if status > 0:
            error = f"program exited with non-zero exit code: {status}"
            return language_pb2.RunResponse(error=error)
        return language_pb2.RunResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancel()
        return Empty()

    def cancel(self) -> None:
        for process in list(self._programs):
            stop(process)


def main() -> None:
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    host = LanguageHost(addresses[0] if addresses else "")
    serve(
        lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server),
        before_exit=host.cancel,
    )


if __name__ == "__main__":
    main()
