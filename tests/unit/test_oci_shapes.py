"""Shapes that content boots on, and what an import in a region makes of them."""

import pytest

from tests.fakes.oci_jobs import MILAN, NAME, OURS, add_content, add_image
from tests.simulators.oci.images import FLEX
from tests.simulators.oci.server import OciTenancy
from tests.unit import oci_tenancy
from tests.unit.test_oci_publication_checks import confirm

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def test_shape_that_a_region_has_not_got_is_told_and_no_obstacle(
    tenancy: OciTenancy, capsys: pytest.CaptureFixture[str]
) -> None:
    add_content(tenancy)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    found["_shapes"] = ["VM.Standard2.1"]
    tenancy.api.faults.shapes_missing = {MILAN: {"BM.GPU4.8"}}
    confirm({MILAN: found["id"]})
    assert found["_shapes"] == ["VM.Standard2.1", "VM.GPU.A10.1", "VM.GPU3.1"]
    assert f"{MILAN}: there is no BM.GPU4.8, which the content boots on" in capsys.readouterr().err


def test_constraints_of_a_shape_come_with_it(tenancy: OciTenancy) -> None:
    content = add_content(tenancy)
    cores, memory = {"min": 1, "max": 4}, {"minInGBs": 8, "maxInGBs": 64}
    content["_shapes"].append(FLEX)
    content["_constraints"][FLEX] = {"ocpuConstraints": cores, "memoryConstraints": memory}
    found = add_image(tenancy, NAME, MILAN, **OURS)
    confirm({MILAN: found["id"]})
    assert found["_constraints"][FLEX] == {"ocpuConstraints": cores, "memoryConstraints": memory}
