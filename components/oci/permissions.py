"""What baking, verifying and publishing need of Oracle Cloud, and no more.

What each operation asks for is in "Details for the Core Services" and "Details for Object Storage"
of the policy reference; what Packer calls is in packer-plugin-oracle, builder/oci/driver_oci.go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from images.service_policy import storage_statement


@dataclass(frozen=True)
class Scope:
    """What the permissions of a group end at."""

    group: str
    compartment: str
    bucket: str
    regions: Sequence[str]
    public: bool


def statements(scope: Scope) -> list[str]:
    """The policy of a group and of the services that work for it.

    A condition cannot name an image: the compartment is all that keeps the group off others.
    """
    return [*_group(scope), *_objects(scope), *_services(scope)]


def _group(scope: Scope) -> Iterator[str]:
    who, where = f"Allow group {scope.group} to", f"in compartment id {scope.compartment}"
    yield f"{who} manage instances {where}"
    yield f"{who} manage instance-images {where}"
    yield f"{who} use subnets {where}"
    yield f"{who} use vnics {where}"
    yield f"{who} inspect vnic-attachments {where}"
    yield f"{who} read app-catalog-listing in tenancy"
    # Packer asks for the schema of each image that it has made, and copies the general one.
    yield f"{who} manage compute-image-capability-schema in tenancy"
    yield f"{who} read compute-global-image-capability-schema in tenancy"
    # What a refresh reads: what the provider may not see, it takes for gone.
    for what in ("vcns", "internet-gateways", "route-tables", "security-lists"):
        yield f"{who} inspect {what} {where}"
    yield f"{who} inspect groups in tenancy"
    yield f"{who} inspect policies in tenancy"
    # Regions, availability domains, limits.
    yield f"{who} inspect compartments in tenancy"
    yield f"{who} inspect tenancies in tenancy"
    yield f"{who} read resource-availability in tenancy"
    if scope.public:
        yield f"{who} manage marketplace-publications {where} where listing.type='Community'"


def _objects(scope: Scope) -> Iterator[str]:
    who, where = f"Allow group {scope.group} to", f"in compartment id {scope.compartment}"
    bucket = f"target.bucket.name='{scope.bucket}'"
    yield f"{who} manage buckets {where} where {bucket}"
    yield f"{who} manage objects {where} where {bucket}"


def _services(scope: Scope) -> Iterator[str]:
    yield from (storage_statement(region, scope.compartment) for region in scope.regions)
    if scope.public:
        # Marketplace itself has to reach what it lists.
        yield (
            "Allow service Marketplace to manage instance-images "
            f"in compartment id {scope.compartment}"
        )
