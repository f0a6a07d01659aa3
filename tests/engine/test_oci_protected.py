"""A public stack of Oracle Cloud that is protected: what a person does with it afterwards."""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME

pytestmark = pytest.mark.engine

NAME, MILAN = "dstack-0.14", "eu-milan-1"


@pytest.fixture
def prod(tmp_path: Path, oci: OciWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant in its home region, up and listed."""
    stack = CloudStack.open(tmp_path, oci, warm, "prod")
    stack.configure_cloud(variants={"cpu": {}}, regions=[HOME])
    stack.up()
    oci.tenancy.api.region(HOME).market.approve(NAME)
    return stack


def test_region_is_added_beside_what_is_listed(
    prod: CloudStack, oci: OciWorld, tenancy: OciTenancy
) -> None:
    market = tenancy.api.region(HOME).market
    listed = [dict(one) for one in market.publications.values()]
    prod.configure_cloud(regions=[HOME, MILAN])
    prod.pulumi.preview()
    prod.up()
    assert oci.published() == {HOME: [NAME], MILAN: [NAME]}
    assert oci.is_public(MILAN, NAME)
    assert [*market.publications.values()] == listed, "servers find it all the while"
