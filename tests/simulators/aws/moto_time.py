"""What time does to AMIs, for which EC2 has no call: a day comes from which one is deprecated."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

_PATH = "/time-passes/"
#: Some day that is over.
OVER = "2026-01-01"


def path_of(region: str, ami: str) -> str:
    """Where a test asks that the day of an AMI be over."""
    return f"{_PATH}{region}/{ami}"


class Passing:
    """An application of moto's, and in front of it time."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not path.startswith(_PATH):
            return self._application(environ, start)
        region, ami = path.removeprefix(_PATH).split("/")
        held: Any = ec2_backends[DEFAULT_ACCOUNT_ID][region].amis[ami]
        held.deprecation_time = f"{OVER}T00:00:00.000Z"
        start("204 No Content", [])
        return []
