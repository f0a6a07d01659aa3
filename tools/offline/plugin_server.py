"""What both offline plugins share: serve one gRPC service to the engine, and log through it."""
# grpc ships no types: pyright cannot know them here.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

# A running command holds its thread, and a cancel must still get one: keep far above
# what `pulumi up --parallel` asks for. Threads are made only when needed.
_THREADS = 512
# Outputs of commands may exceed grpc's own limit of 4 MiB.
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
POLL_SECONDS = 0.1


class Engine:
    """The engine's log."""

    def __init__(self) -> None:
        self._stub: Any = None

    def connect(self, address: str) -> None:
        if address and self._stub is None:
            channel = grpc.insecure_channel(address, options=_OPTIONS)
            self._stub = engine_pb2_grpc.EngineStub(channel)

    def info(self, message: str, urn: str = "", *, status: bool = False) -> None:
        """Log a line; a status line shows while the resource is worked on, and then goes."""
        if self._stub is None:
            return
        request = engine_pb2.LogRequest(
            severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=status
        )
        try:
            self._stub.Log(request)
        except grpc.RpcError:
            # Only the display is lost; work in hand must go on.
            return


def serve(register: Callable[[Any], None], before_exit: Callable[[], None]) -> None:
    """Serve until the engine interrupts or ends; never returns."""
    parent = os.getppid()
    asked_to_end: list[int] = []

    def ask_to_end(number: int, _frame: FrameType | None) -> None:
        asked_to_end.append(number)

    signal.signal(signal.SIGINT, ask_to_end)
    signal.signal(signal.SIGTERM, ask_to_end)

    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The engine reads the port from the first line.
    print(port, flush=True)

    # Python handles a signal in the main thread only, and the kernel may give it to another
    # one while the main thread sleeps on a lock: so it must wake by itself.
    while not asked_to_end and os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    before_exit()
    server.stop(grace=None)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that wait for a command would keep the interpreter.
    os._exit(0)
