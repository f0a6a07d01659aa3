"""Names of Oracle's services, in which their regions are."""

import re

from tests.simulators.oci.shapes import Refused

_OLD = re.compile(
    r"(?P<service>iaas|objectstorage)\.(?P<region>[a-z]+-[a-z]+-\d)\.oraclecloud\.com"
)
_NEW = re.compile(
    r"(?P<service>identity|limits|marketplace)\.(?P<region>[a-z]+-[a-z]+-\d)\.oci\.oraclecloud\.com"
)


def parse(host: str) -> tuple[str, str]:
    """Service and region. Raises Refused."""
    found = _OLD.fullmatch(host) or _NEW.fullmatch(host)
    if found is None:
        raise Refused(404, "NotFound", f"{host} is none of Oracle's")
    return found["service"], found["region"]


def is_served(host: str) -> bool:
    return (_OLD.fullmatch(host) or _NEW.fullmatch(host)) is not None


def names(regions: tuple[str, ...]) -> list[str]:
    """As a certificate has them."""
    old = [
        f"{service}.{one}.oraclecloud.com"
        for one in regions
        for service in ("iaas", "objectstorage")
    ]
    new = ("identity", "limits", "marketplace")
    return old + [f"{service}.{one}.oci.oraclecloud.com" for one in regions for service in new]
