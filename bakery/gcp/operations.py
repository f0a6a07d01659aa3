"""Changes in Compute Engine are accepted first and made later."""

from collections.abc import Callable
from typing import Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from bakery.gcp.clients import Json, OperationFailed, ask
from images.gcp import GcpProject, GcpZone

#: Seconds: deleting a machine takes a minute or two.
_PATIENCE = 600.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


def of_project(compute: Any, target: GcpProject, operation: Json) -> None:
    """Waits until it is made. Raises OperationFailed when it could not be."""
    operations = compute.globalOperations()
    name = operation["name"]
    _done(operation, lambda: ask(operations.get(project=target.project, operation=name)))


def of_zone(compute: Any, target: GcpZone, operation: Json) -> None:
    """The same in the zone."""
    operations = compute.zoneOperations()
    where = {"project": target.project, "zone": target.zone, "operation": operation["name"]}
    _done(operation, lambda: ask(operations.get(**where)))


def _done(operation: Json, look: Callable[[], Json]) -> None:
    looking = Retrying(
        retry=retry_if_result(_is_not_done),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
    )
    kind = operation["operationType"]
    try:
        errors: list[Json] = looking(look).get("error", {}).get("errors", [])
    except RetryError:
        raise OperationFailed(f"{kind} is not done after {_PATIENCE:.0f} s") from None
    if errors:
        reasons = "; ".join(f"{each.get('code')}: {each.get('message')}" for each in errors)
        raise OperationFailed(f"{kind} failed: {reasons}")


def _is_not_done(operation: Json) -> bool:
    return operation["status"] != "DONE"
