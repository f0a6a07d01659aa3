"""What happens around each call of the engine: the log, the faults, the answer to a failure."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2

from tests.simulators.pulumi import faults
from tests.simulators.pulumi.calls import Call
from tests.simulators.pulumi.errors import CloudError, HalfMade, Unsupported
from tests.simulators.pulumi.faults import Fault
from tests.simulators.pulumi.store import Store
from tests.simulators.pulumi.values import to_struct

CANCELED = "context canceled"


class Caller:
    def __init__(self, package: str, store: Store) -> None:
        self._package = package
        self._store = store
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    @contextmanager
    def call(self, operation: str, kind: str, request: Any, context: Any) -> Generator[list[Fault]]:
        """Around the work of one call; gives the faults that the call has met."""
        call = Call(
            package=self._package,
            operation=operation,
            kind=kind,
            # Functions have neither.
            name=getattr(request, "name", ""),
            urn=getattr(request, "urn", ""),
            preview=getattr(request, "preview", False),
            at=time.time(),
        )
        # In one step: the nth call that a fault counts is the nth of the log.
        with self._store.locked():
            self._store.append(asdict(call))
            met = faults.met(self._store, call)
        try:
            self._before(met, getattr(request, "timeout", 0))
            yield met
            for fault in met:
                if fault.effect == "lose":
                    raise CloudError(fault.message)
        except CloudError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Unsupported as error:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except HalfMade as error:
            _abort_half_made(error, context)

    def _before(self, met: list[Fault], timeout: float) -> None:
        for fault in met:
            if fault.effect == "fail":
                raise CloudError(fault.message)
            if fault.effect == "delay":
                self._wait(fault.seconds, timeout)

    def _wait(self, seconds: float, timeout: float) -> None:
        if self._cancelled.wait(min(seconds, timeout or seconds)):
            raise CloudError(CANCELED)
        if timeout and seconds > timeout:
            raise CloudError(f"timeout while waiting for completion (timeout: {timeout:g}s)")


def _abort_half_made(error: HalfMade, context: Any) -> None:
    """The engine keeps what the details say, and the resource as one to update."""
    details = Packed()
    details.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.id,
            properties=to_struct(error.outputs),
            inputs=to_struct(error.inputs),
            reasons=[error.reason],
        )
    )
    code, _ = grpc.StatusCode.UNKNOWN.value
    status = Status(code=code, message=error.reason, details=[details])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, error.reason)
