"""What a stack makes of Oracle Cloud before its images, and what its configuration may say."""

import json
from typing import Any

import pytest

from components.oci.identity import BuildGroup, BuildGroupArgs
from components.oci.network import Network, NetworkArgs
from components.oci.permissions import Scope, statements
from config.load import load
from config.oci import Oci
from images.errors import ConfigurationError
from images.oci import OciListing, OciPlace, OciRegion
from tests.unit.registered import Registered, registered
from tests.unit.unit_samples import CLOUDS, LOCAL, flat, stack_of

pytestmark = pytest.mark.unit

SCOPE = Scope(
    group="dstack-images-staging",
    compartment="ocid1.compartment.oc1..x",
    network="ocid1.compartment.oc1..x",
    bucket="dstack-images",
    regions=["eu-frankfurt-1", "eu-milan-1"],
    public=False,
)


def of_oracle(made: Registered) -> dict[str, Any]:
    """Inputs of all resources of Oracle's, by type and name."""
    return {
        f"{one.options.type} {name.partition(' ')[2]}": json.loads(
            json.dumps(one.inputs), parse_float=lambda text: int(float(text))
        )
        for name, one in made.found.items()
        if one.options.type.startswith("oci:")
    }


def network() -> Registered:
    args = NetworkArgs(stack_of(), "ocid1.compartment.oc1..x", ["203.0.113.7/32"])
    return registered(lambda opts: Network("net", args, opts).subnet)


def group(*, protect: bool = False) -> Registered:
    args = BuildGroupArgs(stack_of(immutable=protect), "ocid1.tenancy.oc1..t", SCOPE)
    return registered(lambda opts: BuildGroup("baker", args, opts).group)


def oci(**changes: Any) -> Oci:
    values = {**LOCAL, "clouds": {"oci": {**CLOUDS["oci"], **changes}}}
    found = load(flat(values)).clouds.oci
    assert found is not None
    return found


def test_machines_are_reached_from_where_it_says_and_from_nowhere_else() -> None:
    made = network()
    rules = made.inputs("SecurityList net-rules")
    (ssh,) = rules["ingressSecurityRules"]
    assert (ssh["source"], ssh["protocol"]) == ("203.0.113.7/32", "6")
    assert ssh["tcpOptions"] == {"min": 22, "max": 22}
    subnet = made.inputs("Subnet net-subnet")
    assert subnet["securityListIds"] == ["net-rules-id"], "not the one that a network comes with"
    assert "availabilityDomain" not in subnet


def test_group_may_do_what_it_has_to_in_one_compartment_and_one_bucket() -> None:
    made = group(protect=True)
    assert made.found["Group baker-group"].options.protect is True
    assert made.found["Policy baker-policy"].options.protect is True
    said = made.inputs("Policy baker-policy")["statements"]
    assert said == statements(SCOPE)
    of_group = [one for one in said if one.startswith("Allow group")]
    of_objects = [one for one in of_group if "manage objects" in one or "buckets" in one]
    assert len(of_objects) == 2
    assert all(one.endswith("target.bucket.name='dstack-images'") for one in of_objects)
    (other,) = (one for one in of_group if "read objects" in one)
    assert "where any {request.operation='GetWorkRequest', " in other, "no object by it"
    services = [one.split()[2] for one in said if one.startswith("Allow service")]
    assert services == ["objectstorage-eu-frankfurt-1", "objectstorage-eu-milan-1"]
    assert not [one for one in said if "all-resources" in one or "arketplace" in one]


#: What the provider's reads of the stack's resources take (GetVcn and its like in "Details for the
#: Core Services", GetGroup and GetPolicy in "Details for IAM"): the verb that has it.
READ_BY_A_REFRESH = {
    "Vcn net-network": "inspect vcns",
    "InternetGateway net-gateway": "inspect internet-gateways",
    "RouteTable net-routes": "inspect route-tables",
    "SecurityList net-rules": "inspect security-lists",
    "Subnet net-subnet": "use subnets",
    "Group baker-group": "inspect groups",
    "Policy baker-policy": "inspect policies",
}


def test_group_may_read_all_that_the_stack_has_made() -> None:
    """Or a refresh by one of its members takes it for gone, and drops it."""
    made = [*of_oracle(network()), *of_oracle(group())]
    assert {one.rpartition(":")[2] for one in made} == READ_BY_A_REFRESH.keys()
    said = [one.partition(" to ")[2] for one in statements(SCOPE)]
    for what in READ_BY_A_REFRESH.values():
        assert [one for one in said if one.startswith(f"{what} in ")], what


def test_public_stack_reaches_the_marketplace_and_is_reached() -> None:
    public = Scope(**{**vars(SCOPE), "public": True})
    more = [one for one in statements(public) if one not in statements(SCOPE)]
    assert ["marketplace-publications" in one for one in more] == [True, True, False]
    assert more[2].startswith("Allow service Marketplace to manage instance-images")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subnet": None}, "without subnet, sshFrom has to say"),
        ({"sshFrom": ["203.0.113.7/32"]}, "sshFrom is for the stack's own network"),
        ({"availabilityDomain": "kZql:EU-FRANKFURT-1-AD-3"}, "availabilityDomain"),
        ({"availabilityDomain": 4}, "less than or equal to 3"),
        ({"diskGb": 47}, "greater than or equal to 50"),
        ({"source": "Canonical-Ubuntu"}, "a source is the OCID of an image"),
        ({"compartment": "dstack"}, "must match"),
        ({"listing": {"contactName": "dstack", "contactEmail": "nobody"}}, "must match"),
    ],
    ids=json.dumps,
)
def test_mistakes(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        oci(**changes)


def test_newest_and_variants_of_their_own() -> None:
    found = oci(
        source="newest:Canonical Ubuntu/24.04",
        variants={"cpu": {}, "cuda": {"source": "ocid1.image.oc1..y", "verifyShape": "VM.GPU3.1"}},
    )
    assert found.source_of("cuda") == "ocid1.image.oc1..y"
    assert found.source_of("cpu") == "newest:Canonical Ubuntu/24.04"


def test_place_waits_for_listings_that_servers_do_not_find() -> None:
    def region(state: str | None) -> OciRegion:
        listing = OciListing(publication_id="p", listing_id=None, review_state=state or "")
        return OciRegion(image_id="i", listing=listing if state else None)

    place = OciPlace(
        compartment_id="c",
        regions={"a": region("in review"), "b": region("published"), "c": region(None)},
    )
    assert place.waiting() == {"a": "its listing is in review"}
