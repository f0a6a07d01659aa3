"""What a person reads of an account that is not what configuration says.

Looking something up does not fail where it is not there or may not be seen: what is found has
nothing in it (terraform-provider-oci, internal/tfresource/errors.go).
"""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import TENANCY, absent

pytestmark = pytest.mark.engine


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

    gone = "ocid1.compartment.oc1..aaaaaaaaanother"
    staging.configure_cloud(compartment=gone)
    told = "does not let the credentials of this environment see the compartment"
    assert f"{told} {gone}" in refused(staging)
