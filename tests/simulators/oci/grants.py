"""What a group's statements let its members do, as far as Oracle's pages say.

A verb has the permissions of those before it, and each operation asks for some: "Details for the
Core Services", "Details for Object Storage and Archive Storage", "Details for the Marketplace
Service". A condition whose variable does not go with the request declines it: "Conditions",
"Variables Not Applicable to a Request Result in a Declined Request". Launching asks for the card's
permissions where the subnet is: "Common Policies", "Let users launch compute instances". What is
not in the tables is not judged.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulators.oci.shapes import COMPARTMENT, Request

_VERBS = ("inspect", "read", "use", "manage")
#: What each verb adds.
_TYPES: dict[str, tuple[str, str, str, str]] = {
    "instances": (
        *("INSTANCE_INSPECT", "INSTANCE_READ", "INSTANCE_UPDATE INSTANCE_CREATE_IMAGE"),
        "INSTANCE_CREATE INSTANCE_DELETE",
    ),
    "instance-images": (
        *("INSTANCE_IMAGE_INSPECT", "INSTANCE_IMAGE_READ", "INSTANCE_IMAGE_UPDATE"),
        "INSTANCE_IMAGE_CREATE INSTANCE_IMAGE_DELETE",
    ),
    "subnets": ("SUBNET_READ", "", "SUBNET_ATTACH SUBNET_DETACH", "SUBNET_CREATE SUBNET_DELETE"),
    "vnics": ("VNIC_READ", "", "VNIC_ATTACH VNIC_DETACH VNIC_CREATE VNIC_DELETE VNIC_UPDATE", ""),
    "vnic-attachments": ("VNIC_ATTACHMENT_READ", "", "", ""),
    "compute-image-capability-schema": (
        *("SCHEMA_INSPECT", "SCHEMA_READ", "SCHEMA_UPDATE", "SCHEMA_CREATE SCHEMA_DELETE"),
    ),
    "compute-global-image-capability-schema": ("GLOBAL_INSPECT", "GLOBAL_READ", "", ""),
    "marketplace-publications": (
        *("PUBLICATION_INSPECT", "PUBLICATION_READ", "PUBLICATION_UPDATE"),
        "PUBLICATION_CREATE PUBLICATION_DELETE",
    ),
    "buckets": (
        *("BUCKET_INSPECT", "BUCKET_READ", "BUCKET_UPDATE"),
        "BUCKET_CREATE BUCKET_DELETE PAR_MANAGE",
    ),
    "objects": (
        *("OBJECT_INSPECT", "OBJECT_READ", "OBJECT_OVERWRITE"),
        "OBJECT_CREATE OBJECT_DELETE OBJECT_VERSION_DELETE OBJECT_RESTORE OBJECT_UPDATE_TIER",
    ),
}
_COMPUTE, _MARKET, _BUCKET = "/20160918", "/20181001/publications", "/n/[^/]+/b/[^/]+"
_SCHEMA = f"{_COMPUTE}/computeImageCapabilitySchemas"
#: Service, method, path: the operation's name and what it asks for.
_OPERATIONS = [
    ("iaas", "GET", f"{_COMPUTE}/instances", "ListInstances", "INSTANCE_READ"),
    ("iaas", "GET", f"{_COMPUTE}/instances/[^/]+", "GetInstance", "INSTANCE_READ"),
    (
        *("iaas", "POST", f"{_COMPUTE}/instances", "LaunchInstance"),
        "INSTANCE_CREATE INSTANCE_IMAGE_READ VNIC_CREATE VNIC_ATTACH SUBNET_ATTACH",
    ),
    # Besides, those of the card and the subnet, whose compartment the request does not say.
    ("iaas", "DELETE", f"{_COMPUTE}/instances/[^/]+", "TerminateInstance", "INSTANCE_DELETE"),
    ("iaas", "GET", f"{_COMPUTE}/subnets/[^/]+", "GetSubnet", "SUBNET_READ"),
    ("iaas", "GET", f"{_COMPUTE}/vnics/[^/]+", "GetVnic", "VNIC_READ"),
    (
        *("iaas", "GET", f"{_COMPUTE}/vnicAttachments", "ListVnicAttachments"),
        "VNIC_ATTACHMENT_READ INSTANCE_INSPECT",
    ),
    ("iaas", "GET", f"{_COMPUTE}/images(/[^/]+)?", "ListImages", "INSTANCE_IMAGE_INSPECT"),
    ("iaas", "PUT", f"{_COMPUTE}/images/[^/]+", "UpdateImage", "INSTANCE_IMAGE_UPDATE"),
    ("iaas", "DELETE", f"{_COMPUTE}/images/[^/]+", "DeleteImage", "INSTANCE_IMAGE_DELETE"),
    (
        *("iaas", "POST", f"{_COMPUTE}/images", "CreateImage"),
        "INSTANCE_IMAGE_CREATE INSTANCE_CREATE_IMAGE",
    ),
    ("iaas", "GET", _SCHEMA, "ListComputeImageCapabilitySchemas", "SCHEMA_INSPECT"),
    ("iaas", "POST", _SCHEMA, "CreateComputeImageCapabilitySchema", "SCHEMA_CREATE"),
    ("iaas", "PUT", f"{_SCHEMA}/.+", "UpdateComputeImageCapabilitySchema", "SCHEMA_UPDATE"),
    ("marketplace", "GET", _MARKET, "ListPublications", "PUBLICATION_INSPECT"),
    ("marketplace", "GET", f"{_MARKET}/[^/]+", "GetPublication", "PUBLICATION_READ"),
    (
        *("marketplace", "GET", f"{_MARKET}/[^/]+/packages", "ListPublicationPackages"),
        "PUBLICATION_INSPECT",
    ),
    (
        *("marketplace", "GET", f"{_MARKET}/[^/]+/packages/.+", "GetPublicationPackage"),
        "PUBLICATION_READ",
    ),
    ("marketplace", "POST", _MARKET, "CreatePublication", "PUBLICATION_CREATE"),
    ("marketplace", "DELETE", f"{_MARKET}/[^/]+", "DeletePublication", "PUBLICATION_DELETE"),
    ("objectstorage", "POST", "/n/[^/]+/b", "CreateBucket", "BUCKET_CREATE"),
    ("objectstorage", "GET", _BUCKET, "GetBucket", "BUCKET_READ"),
    ("objectstorage", "GET", f"{_BUCKET}/l", "GetObjectLifecyclePolicy", "BUCKET_READ"),
    (
        *("objectstorage", "PUT", f"{_BUCKET}/l", "PutObjectLifecyclePolicy"),
        "BUCKET_UPDATE OBJECT_CREATE OBJECT_DELETE",
    ),
    ("objectstorage", "GET", f"{_BUCKET}/o", "ListObjects", "OBJECT_INSPECT"),
    ("objectstorage", "HEAD", f"{_BUCKET}/o/.+", "HeadObject", "OBJECT_INSPECT"),
    ("objectstorage", "GET", f"{_BUCKET}/o/.+", "GetObject", "OBJECT_READ"),
    ("objectstorage", "PUT", f"{_BUCKET}/o/.+", "PutObject", "OBJECT_CREATE OBJECT_OVERWRITE"),
    ("objectstorage", "DELETE", f"{_BUCKET}/o/.+", "DeleteObject", "OBJECT_DELETE"),
    (
        *("objectstorage", "POST", f"{_BUCKET}/actions/copyObject", "CreateCopyRequest"),
        "OBJECT_READ OBJECT_CREATE OBJECT_OVERWRITE OBJECT_INSPECT",
    ),
    ("objectstorage", "GET", "/workRequests/[^/]+", "GetWorkRequest", "OBJECT_READ"),
]
_STATEMENT = re.compile(
    r"Allow group \S+ to (?P<verb>\w+) (?P<kind>[\w-]+) in "
    r"(?P<where>tenancy|compartment id \S+)(?: where (?P<condition>.+))?"
)
_TERM = re.compile(r"(?P<variable>[\w.]+)\s*=\s*'(?P<value>[^']*)'")


@dataclass(frozen=True)
class Asked:
    """One operation, what it asks for, where its subnet is, and the variables that go with it."""

    operation: str
    permissions: Sequence[str]
    network: str
    variables: dict[str, str]

    def where(self, permission: str) -> str:
        """The compartment that it is asked for in."""
        return self.network if permission.startswith(("SUBNET_", "VNIC_")) else COMPARTMENT


def missing(
    statements: Sequence[str], service: str, request: Request, subnets: dict[str, str]
) -> list[str]:
    """What nobody has allowed of what a request asks for. `subnets`: the compartment of each that
    is not beside the images.
    """
    asked = _asked(service, request, subnets)
    if asked is None:
        return []
    return [one for one in asked.permissions if not any(_grants(s, asked, one) for s in statements)]


def _asked(service: str, request: Request, subnets: dict[str, str]) -> Asked | None:
    for wanted, method, path, operation, permissions in _OPERATIONS:
        if (wanted, method) == (service, request.method) and re.fullmatch(path, request.path):
            return Asked(
                operation,
                permissions.split(),
                _network(operation, request, subnets),
                dict(_variables(service, operation, request)),
            )
    return None


def _network(operation: str, request: Request, subnets: dict[str, str]) -> str:
    if operation == "LaunchInstance":
        given = json.loads(request.body)
        subnet = given.get("subnetId") or given["createVnicDetails"]["subnetId"]
    else:
        subnet = request.path.rpartition("/")[2]
    return subnets.get(subnet, COMPARTMENT)


def _variables(service: str, operation: str, request: Request) -> Iterator[tuple[str, str]]:
    yield "request.operation", operation
    if bucket := re.match(r"/n/[^/]+/b/([^/]+)", request.path):
        yield "target.bucket.name", bucket[1]
    if operation == "CreateBucket":
        yield "target.bucket.name", json.loads(request.body)["name"]
    # "You cannot use them with the inspect verb."
    if service == "marketplace" and not operation.startswith("List"):
        yield "listing.type", "Community"


def _grants(statement: str, asked: Asked, permission: str) -> bool:
    found = _STATEMENT.fullmatch(statement)
    if found is None or found["kind"] not in _TYPES:
        return False
    if found["where"] not in ("tenancy", f"compartment id {asked.where(permission)}"):
        return False
    verbs = _TYPES[found["kind"]][: _VERBS.index(found["verb"]) + 1]
    if permission not in " ".join(verbs).split():
        return False
    terms = _TERM.findall(found["condition"] or "")
    given = {**asked.variables, "request.permission": permission}
    held = [given.get(name, "").lower() == value.lower() for name, value in terms]
    return any(held) if (found["condition"] or "").startswith("any") else all(held)
