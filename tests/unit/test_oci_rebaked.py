"""Content that was baked anew. It goes by its inputs' name, and has other packages."""

import pytest

from images.errors import BakeryError
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, COPY, EXPORT, MILAN, add_image
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy
from tests.unit.test_oci_exports import exported, objects, supply

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def content(tenancy: OciTenancy, record: str) -> str:
    """What somebody has baked, after somebody has deleted what was there."""
    images = tenancy.api.region(HOME).images.all
    for id in [id for id, one in images.items() if one["displayName"] == BAKE]:
        del images[id]
    return add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_record=record * 64)["id"]


def test_what_was_baked_anew_is_exported_anew(tenancy: OciTenancy) -> None:
    content(tenancy, "0")
    assert exported().object == EXPORT
    supply(MILAN)
    newer = content(tenancy, "1")
    found = exported()
    kept = tenancy.api.region(HOME).store.bucket(BUCKET).objects
    assert kept[found.object]["of"] == newer
    assert found.copy_object != COPY


def test_stack_that_exported_the_earlier_content_gets_no_other(tenancy: OciTenancy) -> None:
    """A region that is added would have another disk than the record and its neighbours say."""
    content(tenancy, "0")
    exported()
    content(tenancy, "1")
    for region in (HOME, MILAN):
        with pytest.raises(BakeryError, match="was baked anew since this stack exported it"):
            supply(region)
    assert objects(tenancy) == [EXPORT]
