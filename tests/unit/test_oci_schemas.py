"""Capability schemas, which today's Packer makes of each image and nobody removes."""

import pytest

from bakery.oci import clients
from bakery.oci.images import Images
from tests.fakes.oci_jobs import add_content
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME, absent
from tests.unit import oci_tenancy
from tests.unit.oci_tenancy import names

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def remove(image: str) -> None:
    Images(clients.access(), HOME, COMPARTMENT).remove(image)


def test_schema_of_an_image_goes_with_it(tenancy: OciTenancy) -> None:
    image, other = (add_content(tenancy)["id"] for _ in range(2))
    schemas = tenancy.api.region(HOME).schemas.all
    for number, one in enumerate((image, other)):
        schemas[str(number)] = {"id": str(number), "imageId": one}
    remove(image)
    assert [one["imageId"] for one in schemas.values()] == [other]
    assert len(names(tenancy)) == 1


def test_image_goes_for_whoever_may_see_no_schemas(tenancy: OciTenancy) -> None:
    image = add_content(tenancy)["id"]
    tenancy.api.refusals.append(("GET", "/computeImageCapabilitySchemas", absent("schemas")))
    remove(image)
    assert names(tenancy) == []
