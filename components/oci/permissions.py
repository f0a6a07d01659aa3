"""What baking, verifying and publishing need of Oracle Cloud, and no more.

What each operation asks for is in "Details for the Core Services", "Details for Object Storage" and
"Details for the Marketplace Service" of the policy reference; what Packer calls is in
packer-plugin-oracle, builder/oci/driver_oci.go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from images.service_policy import storage_statement

#: What asks how a copy goes.
_OF_COPIES = ("GetWorkRequest", "ListWorkRequestErrors")


@dataclass(frozen=True)
class Scope:
    """What the permissions of a group end at.

    `network` is the compartment of the subnet, which need not be that of the images.
    """

    group: str
    compartment: str
    network: str
    bucket: str
    regions: Sequence[str]
    public: bool


def statements(scope: Scope) -> list[str]:
    """The policy of a group and of the services that work for it.

    A condition cannot name an image but by its OCID: the compartment is all that keeps the group
    off others.
    """
    return [*_group(scope), *_objects(scope), *_services(scope)]


def _group(scope: Scope) -> Iterator[str]:
    who, where = f"Allow group {scope.group} to", f"in compartment id {scope.compartment}"
    yield f"{who} manage instances {where}"
    yield f"{who} manage instance-images {where}"
    yield f"{who} use subnets in compartment id {scope.network}"
    # A machine's card asks where its subnet is, and is looked at where the machine is.
    for place in dict.fromkeys([scope.compartment, scope.network]):
        yield f"{who} use vnics in compartment id {place}"
        yield f"{who} inspect vnic-attachments in compartment id {place}"
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
        # To list them: "You cannot use them [such variables] with the inspect verb".
        yield f"{who} inspect marketplace-publications {where}"


def _objects(scope: Scope) -> Iterator[str]:
    who, where = f"Allow group {scope.group} to", f"in compartment id {scope.compartment}"
    bucket = f"target.bucket.name='{scope.bucket}'"
    yield f"{who} manage buckets {where} where {bucket}"
    yield f"{who} manage objects {where} where {bucket}"
    # What becomes of a copy is asked of no bucket ("Conditions": a variable that does not go with a
    # request declines it). No object can be read by it.
    asks = ", ".join(f"request.operation='{one}'" for one in _OF_COPIES)
    yield f"{who} read objects {where} where any {{{asks}}}"


def _services(scope: Scope) -> Iterator[str]:
    yield from (storage_statement(region, scope.compartment) for region in scope.regions)
    if scope.public:
        # Marketplace itself has to reach what it lists.
        yield (
            "Allow service Marketplace to manage instance-images "
            f"in compartment id {scope.compartment}"
        )
