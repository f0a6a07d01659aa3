"""Changes in Compute Engine are accepted first and made later."""

# Of Google's clients only the messages have types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import time
from collections.abc import Callable

from google.cloud import compute_v1

from bakery.gcp import clients
from bakery.gcp.clients import RETRY, OperationFailed
from images.targets import GcpTarget

#: Seconds: deleting a machine takes a minute or two.
_PATIENCE = 600.0
_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)


def of_project(target: GcpTarget, operation: compute_v1.Operation) -> None:
    """Waits until it is made. Raises OperationFailed when it could not be."""
    client = clients.global_operations(target)
    _done(
        lambda: client.get(project=target.project, operation=operation.name, retry=RETRY),
    )


def of_zone(target: GcpTarget, operation: compute_v1.Operation) -> None:
    """The same in the target's zone."""
    client = clients.zone_operations(target)
    _done(
        lambda: client.get(
            project=target.project, zone=target.zone, operation=operation.name, retry=RETRY
        ),
    )


def _done(look: Callable[[], compute_v1.Operation]) -> None:
    limit = time.monotonic() + _PATIENCE
    looks = 0
    while (operation := look()).status != compute_v1.Operation.Status.DONE:
        if time.monotonic() > limit:
            raise OperationFailed(f"{operation.operation_type} is not done after {_PATIENCE:.0f} s")
        time.sleep(_PAUSES[min(looks, len(_PAUSES) - 1)])
        looks += 1
    if operation.error.errors:
        reasons = "; ".join(f"{each.code}: {each.message}" for each in operation.error.errors)
        raise OperationFailed(f"{operation.operation_type} failed: {reasons}")
