"""From content to the objects that regions import, in a simulated tenancy of Oracle Cloud."""

import threading
from typing import Any

import pytest

from bakery.caller import Caller
from bakery.oci import clients
from bakery.oci.export import Exports
from bakery.oci.images import Images
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import (
    ExportJob,
    SupplyJob,
)
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, COPY, EXPORT, MILAN, NAME, add_content, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit import oci_tenancy

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


def objects(tenancy: OciTenancy, region: str = HOME) -> list[str]:
    return sorted(tenancy.api.region(region).store.bucket(BUCKET).objects)


def exported(limit: int = 900) -> Any:
    work = ExportJob(stack="test", bake=BAKE, name=NAME, time_limit=limit, target=target())
    return Exports(target()).export(work, Caller(Progress()))


def supply(region: str, limit: int = 900, name: str = NAME) -> None:
    work = SupplyJob(
        stack="test",
        bake=BAKE,
        name=name,
        location=region,
        object=EXPORT if region == HOME else COPY.replace(NAME, name),
        time_limit=limit,
        target=target(),
    )
    Exports(target()).supply(work, Caller(Progress()))


def times(tenancy: OciTenancy, end: str) -> int:
    """How often it was asked for."""
    return sum(one.method == "POST" and one.path.endswith(end) for one in tenancy.api.sent)


def test_content_is_exported_once(tenancy: OciTenancy) -> None:
    with pytest.raises(ContentMissing):
        exported()
    add_content(tenancy)
    assert exported().object == EXPORT
    assert exported().bucket == BUCKET
    assert times(tenancy, "/actions/export") == 1
    assert objects(tenancy) == [EXPORT]


def test_export_of_somebody_else_is_waited_for(tenancy: OciTenancy) -> None:
    """Or of an earlier run that gave up. The object is ours: it goes by the content's name."""
    content = add_content(tenancy)
    content["lifecycleState"] = "EXPORTING"
    with pytest.raises(BakeryError, match=f"export of {BAKE} is not done after 1 s"):
        exported(limit=1)

    def finish() -> None:
        bucket = tenancy.api.region(HOME).store.bucket(BUCKET)
        bucket.put(EXPORT, {"of": content["id"]})
        content["lifecycleState"] = "AVAILABLE"

    threading.Timer(1, finish).start()
    exported()
    assert objects(tenancy) == [EXPORT]
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
    assert objects(tenancy) == [EXPORT]


def test_copy_goes_where_it_is_imported_and_is_made_once(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    for _ in range(2):
        supply(MILAN)
        supply(HOME)
    assert objects(tenancy, MILAN) == [COPY]
    assert objects(tenancy) == [EXPORT]
    assert (times(tenancy, "/actions/export"), times(tenancy, "/actions/copyObject")) == (1, 1)


def test_copy_is_of_one_release_and_goes_without_that_of_another(tenancy: OciTenancy) -> None:
    """The same content under two names: one is there while the other one is still imported."""
    add_content(tenancy)
    for name in (NAME, "dstack-0.16"):
        supply(MILAN, name=name)
    content = Images(clients.access(), HOME, COMPARTMENT).complete(BAKE)
    assert content
    Exports(target()).remove_copy(content, NAME, MILAN)
    assert objects(tenancy, MILAN) == [COPY.replace(NAME, "dstack-0.16")]
    assert times(tenancy, "/actions/export") == 1


def test_objects_that_somebody_removed_are_made_again(tenancy: OciTenancy) -> None:
    """What is to be imported is there at each import, copies of another region included."""
    add_content(tenancy)
    supply(MILAN)
    for region in (HOME, MILAN):
        tenancy.api.region(region).store.bucket(BUCKET).objects.clear()
    supply(MILAN)
    assert (objects(tenancy), objects(tenancy, MILAN)) == (
        [EXPORT],
        [COPY],
    )
    tenancy.api.region(HOME).store.bucket(BUCKET).objects.clear()
    supply(HOME)
    assert objects(tenancy) == [EXPORT]
    assert times(tenancy, "/actions/export") == 3


def test_copy_that_fails(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.faults.copies_fail = {MILAN}
    with pytest.raises(BakeryError, match=r"has FAILED: The destination did not answer"):
        supply(MILAN)
    tenancy.api.faults.copies_fail = set()
    tenancy.api.faults.copies_stick = True
    with pytest.raises(BakeryError, match=f"{MILAN} is not done after 1 s"):
        supply(MILAN, limit=1)


def test_answer_that_is_lost_exports_nothing_twice(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.lost.append(("POST", "/actions/export"))
    assert exported().object == EXPORT
