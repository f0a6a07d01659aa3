"""Replace Pulumi's command provider 1.2.1: serves `command:local:Command`, nothing else."""
# The servicer classes that protoc makes for Python have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import secrets
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from command_diff import differences
from command_inputs import known, problems
from command_process import Abort, CommandError, Result, run
from command_values import UNKNOWN, Properties, has_unknown, reveal
from plugin_server import Engine, serve

NOTICE = "Pulumi's command provider is not installed: the offline plugin in tools/offline serves"
VERSION = "1.2.1"
SERVED = "command:local:Command"
_OUTPUTS = ("stdout", "stderr")


class CommandProvider(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, engine_address: str) -> None:
        self._engine = Engine()
        self._engine.connect(engine_address)
        self._lock = threading.Lock()
        self._running: set[Abort] = set()
        self._cancelled = False

    # The plugin

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:
        self._engine.connect(request.address)
        return Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(
            schema=json.dumps({"name": "command", "version": VERSION})
        )

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        self._engine.info(NOTICE)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancel()
        return Empty()

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            running = list(self._running)
        for abort in running:
            abort("context canceled")

    # The resource

    def Invoke(self, request: Any, context: Any) -> Any:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"the offline command provider has no function {request.tok}: "
            "install the real command provider to call it",
        )

    def Check(self, request: Any, context: Any) -> Any:
        kind = request.urn.split("::")[2].split("$")[-1]
        if kind != SERVED:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the offline command provider serves {SERVED} only: "
                f"install the real command provider to use {kind}",
            )
        inputs = known(_plain(request.news))
        failures = [
            provider_pb2.CheckFailure(property=name, reason=reason)
            for name, reason in problems(inputs)
        ]
        return provider_pb2.CheckResponse(inputs=_struct(inputs), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        old, new = known(_plain(request.old_inputs)), known(_plain(request.news))
        for name in request.ignoreChanges:
            if name in old:
                new[name] = old[name]
        changes = differences(old, new)
        return provider_pb2.DiffResponse(
            changes=(
                provider_pb2.DiffResponse.DIFF_SOME
                if changes
                else provider_pb2.DiffResponse.DIFF_NONE
            ),
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=_kind(path, change.name))
                for path, change in changes.items()
            },
            hasDetailedDiff=True,
        )

    def Create(self, request: Any, context: Any) -> Any:
        inputs = _plain(request.properties)
        if request.preview:
            outputs: Properties = dict.fromkeys(_OUTPUTS, UNKNOWN)
        else:
            nothing = Result("", "")
            outputs = self._execute(inputs.get("create"), inputs, nothing, request, context)
        name = request.urn.split("::")[-1]
        return provider_pb2.CreateResponse(
            id=name + secrets.token_hex(4), properties=_struct({**inputs, **outputs})
        )

    def Update(self, request: Any, context: Any) -> Any:
        state, inputs = _plain(request.olds), _plain(request.news)
        for name in request.ignoreChanges:
            if name in state:
                inputs[name] = state[name]
        if request.preview:
            outputs = _previewed(state, inputs)
        else:
            command = inputs.get("update") or inputs.get("create")
            outputs = self._execute(command, inputs, _result(state), request, context)
        return provider_pb2.UpdateResponse(properties=_struct({**inputs, **outputs}))

    def Delete(self, request: Any, context: Any) -> Any:
        state = _plain(request.properties)
        self._execute(state.get("delete"), state, _result(state), request, context)
        return Empty()

    def Read(self, request: Any, context: Any) -> Any:
        # Nobody can ask a command what it made: the state is taken as it is.
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    def _execute(
        self, command: Any, inputs: Properties, previous: Result, request: Any, context: Any
    ) -> Properties:
        if command is None:
            return {"stdout": previous.stdout, "stderr": previous.stderr}
        with self._abortable(request.timeout, context) as abort:
            try:
                result = run(
                    reveal(command),
                    reveal(inputs),
                    previous,
                    lambda line: self._engine.info(line, request.urn, status=True),
                    abort,
                )
            except CommandError as error:
                context.abort(grpc.StatusCode.UNKNOWN, str(error))
                raise
        return {"stdout": result.stdout, "stderr": result.stderr}

    @contextmanager
    def _abortable(self, timeout: float, context: Any) -> Generator[Abort]:
        """An abort that cancel, the time limit and the end of the engine all pull."""
        abort = Abort()
        context.add_callback(lambda: abort("context canceled"))
        with self._lock:
            self._running.add(abort)
            if self._cancelled:
                abort("context canceled")
        timer = threading.Timer(timeout, lambda: abort("context deadline exceeded"))
        timer.daemon = True
        if timeout:
            timer.start()
        try:
            yield abort
        finally:
            timer.cancel()
            with self._lock:
                self._running.discard(abort)


def _plain(struct: Any) -> Properties:
    return MessageToDict(struct)


def _struct(properties: Properties) -> Any:
    struct = Struct()
    struct.update(properties)
    return struct


def _result(state: Properties) -> Result:
    return Result(*(reveal(state.get(name)) or "" for name in _OUTPUTS))


def _previewed(state: Properties, inputs: Properties) -> Properties:
    """Outputs stay known in a preview only when no stored input changes."""
    stored = known(state)
    if has_unknown(inputs) or any(inputs.get(name) != value for name, value in stored.items()):
        return dict.fromkeys(_OUTPUTS, UNKNOWN)
    return {name: state.get(name, "") for name in _OUTPUTS}


def _kind(path: str, change: str) -> Any:
    # Changes inside the list are turned into a replacement by the Python package.
    suffix = "_REPLACE" if path == "triggers" else ""
    return provider_pb2.PropertyDiff.Kind.Value(change + suffix)


def main() -> None:
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    provider = CommandProvider(addresses[0] if addresses else "")
    serve(
        lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server),
        before_exit=provider.cancel,
    )


if __name__ == "__main__":
    main()
