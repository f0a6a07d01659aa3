"""What a person reads of an account that is not what configuration says.

Looking something up does not fail where it is not there or may not be seen: what is found has
nothing in it (terraform-provider-oci, internal/tfresource/errors.go).
"""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.engine.oci_world import OciWorld
from tests.fakes.oci_jobs import SUBNET
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME, TENANCY, absent

pytestmark = pytest.mark.engine

NAME = "stgn-0-dstack-0.14"


@pytest.fixture
def staging(tmp_path: Path, oci: OciWorld, warm: WarmPython) -> CloudStack:
    stack = CloudStack.open(tmp_path, oci, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


def refused(stack: CloudStack) -> str:
    found = stack.pulumi.preview(check=False)
    assert found.returncode != 0
    assert "Traceback" not in found.output
    return found.output


def test_compartments_and_tenancies_that_are_not_there(
    staging: CloudStack, tenancy: OciTenancy
) -> None:
    wrong = "ocid1.tenancy.oc1..aaaaaaaaanother"
    staging.configure_cloud(access={"group": "bakers", "tenancy": wrong})
    assert f"clouds.oci.access.tenancy: there is no tenancy {wrong} that" in refused(staging)

    # A member of the stack's group may read what that takes, and no more.
    tenancy.api.faults.no_namespace_read = True
    staging.configure_cloud(access={"group": "bakers", "tenancy": TENANCY})
    staging.pulumi.preview()

    tenancy.api.refusals.append(("GET", "/n", absent("namespace")))
    assert "no namespace of buckets" in refused(staging)

    lost = "ocid1.subnet.oc1.eu-frankfurt-1.aaaaaaaaanother"
    tenancy.api.refusals.append(("GET", lost, absent(lost)))
    staging.configure_cloud(subnet=lost)
    assert f"clouds.oci.subnet: there is no subnet {lost} in {HOME} that" in refused(staging)

    gone = "ocid1.compartment.oc1..aaaaaaaaanother"
    staging.configure_cloud(compartment=gone)
    told = "does not let the credentials of this environment see the compartment"
    assert f"{told} {gone}" in refused(staging)


def test_member_of_the_group_bakes_in_a_network_of_another_compartment(
    staging: CloudStack, oci: OciWorld, tenancy: OciTenancy
) -> None:
    """An administrator's first `up` makes the policy, with which a member goes on."""
    policies = tenancy.api.policies
    policies.networks[SUBNET] = "ocid1.compartment.oc1..aaaaaaaanetworks"
    staging.configure_cloud(
        access={"group": "bakers", "tenancy": TENANCY}, regions=[HOME, "eu-milan-1"]
    )
    staging.up()
    (policy,) = staging.pulumi.resources("oci:Identity/policy:Policy")
    policies.group = policies.statements = policy["outputs"]["statements"]
    staging.edit("packer/provision/packages.sh")
    staging.up()
    assert staging.runs() == (2, 2)
    assert oci.published() == {HOME: [NAME], "eu-milan-1": [NAME]}
    staging.pulumi.run("refresh", "--yes", "--stack", "staging")
    assert all_unchanged(staging.up())
