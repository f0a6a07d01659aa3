"""What a tenancy's policies let Oracle's own services do, and the group of whoever asks.

Object Storage works as a principal of its own for each region, `objectstorage-<region>`. Without a
statement that names it, copying an object and setting a bucket's rules are refused at once, for
administrators too ("Copying Objects", "Using Object Lifecycle Policies"; oracle/ocifs, issue 48,
has the answer to a copy word for word). The service of the region that an object leaves is asked.
"""

import re
from collections.abc import Sequence

from tests.simulators.oci.grants import missing
from tests.simulators.oci.shapes import Refused, Request, absent

COPY = ("OBJECT_READ", "OBJECT_INSPECT", "OBJECT_CREATE", "OBJECT_OVERWRITE", "OBJECT_DELETE")
RULE = (
    *("BUCKET_INSPECT", "BUCKET_READ", "OBJECT_INSPECT", "OBJECT_UPDATE_TIER", "OBJECT_DELETE"),
    "OBJECT_VERSION_DELETE",
)


class Policies:
    """`statements` is None where an administrator has allowed services everything; `group` is None
    where an administrator is who asks.

    A policy takes its time to arrive: `late` says for how many more requests none is known.
    """

    def __init__(self) -> None:
        self.statements: list[str] | None = None
        self.group: list[str] | None = None
        #: The compartment of each subnet that is not beside the images.
        self.networks: dict[str, str] = {}
        self.late = 0

    def must_let_group(self, service: str, request: Request) -> None:
        """Raises Refused, with what is missing for whoever reads the test."""
        if self.group is not None:
            lacking = missing(self.group, service, request, self.networks)
            if lacking:
                raise absent(f"{request.method} {request.path} wants {', '.join(lacking)}")

    def must_let_storage(self, region: str, permissions: Sequence[str]) -> None:
        """Raises Refused."""
        self.late, known = max(0, self.late - 1), not self.late
        if self.statements is None and known:
            return
        service = f"objectstorage-{region}"
        begins = f"Allow service {service} to manage object-family in "
        granted = {
            permission
            for statement in self.statements or []
            if known and statement.startswith(begins)
            for permission in re.findall(r"request\.permission='(\w+)'", statement)
        }
        if not granted.issuperset(permissions):
            raise Refused(
                400,
                "InsufficientServicePermissions",
                f'Permissions granted to the object storage service principal "{service}" to this '
                "bucket are insufficient.",
            )
