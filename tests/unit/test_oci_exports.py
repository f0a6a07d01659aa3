"""From content to the objects that regions import, in a simulated tenancy of Oracle Cloud."""

import threading
from typing import Any

import pytest

from bakery.caller import Caller
from bakery.oci import export
from bakery.oci.export import Exports, export_name, import_name
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import (
    ExportJob,
    SupplyJob,
)
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, MILAN, add_content, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def objects(tenancy: OciTenancy, region: str = HOME) -> list[str]:
    return sorted(tenancy.api.region(region).store.bucket(BUCKET).objects)


def exported(limit: int = 900) -> Any:
    work = ExportJob(stack="test", bake=BAKE, time_limit=limit, target=target())
    return Exports(target()).export(work, Caller(Progress()))


def supply(region: str, limit: int = 900) -> None:
    work = SupplyJob(stack="test", bake=BAKE, location=region, time_limit=limit, target=target())
    Exports(target()).supply(work, Caller(Progress()))


def times(tenancy: OciTenancy, end: str) -> int:
    """How often it was asked for."""
    return sum(one.method == "POST" and one.path.endswith(end) for one in tenancy.api.sent)


def test_content_is_exported_once(tenancy: OciTenancy) -> None:
    with pytest.raises(ContentMissing):
        exported()
    add_content(tenancy)
    assert exported().object == export_name(BAKE)
    assert exported().bucket == BUCKET
    assert times(tenancy, "/actions/export") == 1
    assert objects(tenancy) == [export_name(BAKE)]


def test_export_of_somebody_else_is_waited_for(tenancy: OciTenancy) -> None:
    """Or of an earlier run that gave up. The object is ours: it goes by the content's name."""
    content = add_content(tenancy)
    content["lifecycleState"] = "EXPORTING"
    with pytest.raises(BakeryError, match=f"export of {BAKE} is not done after 1 s"):
        exported(limit=1)

    def finish() -> None:
        bucket = tenancy.api.region(HOME).store.bucket(BUCKET)
        bucket.put(export_name(BAKE), {"of": content["id"]})
        content["lifecycleState"] = "AVAILABLE"

    threading.Timer(1, finish).start()
    exported()
    assert objects(tenancy) == [export_name(BAKE)]
    assert times(tenancy, "/actions/export") == 0


def test_user_of_another_directory_exports_nothing(tenancy: OciTenancy) -> None:
    """Oracle's own words say that there is no such bucket."""
    add_content(tenancy)
    tenancy.api.faults.federated = True
    with pytest.raises(BakeryError, match="API key of a user of the tenancy's own"):
        exported()


def test_export_that_never_ends(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.faults.exports_stick = True
    with pytest.raises(BakeryError, match=f"the export of {BAKE} is not done after 1 s"):
        exported(limit=1)


def test_export_that_ends_without_its_object(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.faults.exports_without_object = True
    with pytest.raises(BakeryError, match="that is how an export fails; run again"):
        exported()
    tenancy.api.faults.exports_without_object = False
    exported()
    assert objects(tenancy) == [export_name(BAKE)]


def test_copy_goes_where_it_is_imported_and_is_made_once(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    for _ in range(2):
        supply(MILAN)
        supply(HOME)
    assert objects(tenancy, MILAN) == [import_name(BAKE, MILAN, HOME)] == [f"copies/{BAKE}.oci"]
    assert objects(tenancy) == [f"exports/{BAKE}.oci"]
    assert (times(tenancy, "/actions/export"), times(tenancy, "/actions/copyObject")) == (1, 1)
    Exports(target()).remove_copy(BAKE, MILAN)
    Exports(target()).remove_copy(BAKE, HOME)
    assert objects(tenancy, MILAN) == []
    assert objects(tenancy) == [f"exports/{BAKE}.oci"], "the export stays"


def test_objects_that_somebody_removed_are_made_again(tenancy: OciTenancy) -> None:
    """Between two regions too: what is to be imported is there at each import."""
    add_content(tenancy)
    supply(MILAN)
    for region in (HOME, MILAN):
        tenancy.api.region(region).store.bucket(BUCKET).objects.clear()
    supply(MILAN)
    assert (objects(tenancy), objects(tenancy, MILAN)) == (
        [f"exports/{BAKE}.oci"],
        [f"copies/{BAKE}.oci"],
    )
    tenancy.api.region(HOME).store.bucket(BUCKET).objects.clear()
    supply(HOME)
    assert objects(tenancy) == [f"exports/{BAKE}.oci"]
    assert times(tenancy, "/actions/export") == 3


def test_copy_that_the_service_may_not_make(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.faults.copies_fail = {MILAN}
    with pytest.raises(BakeryError, match=r"has FAILED: The service principal may not write there"):
        supply(MILAN)
    tenancy.api.faults.copies_fail = set()
    tenancy.api.faults.copies_stick = True
    with pytest.raises(BakeryError, match=f"{MILAN} is not done after 1 s"):
        supply(MILAN, limit=1)


def test_rule_that_the_service_may_not_have_is_told(
    tenancy: OciTenancy, capsys: pytest.CaptureFixture[str]
) -> None:
    add_content(tenancy)
    tenancy.api.faults.no_service_policy = True
    supply(MILAN)
    assert "what is left of copies does not expire" in capsys.readouterr().err
    assert objects(tenancy, MILAN) == [f"copies/{BAKE}.oci"]


def test_names_of_objects_are_of_the_content_alone() -> None:
    assert export.export_name("b") == "exports/b.oci" == import_name("b", HOME, HOME)
