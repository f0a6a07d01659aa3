"""From content to images in regions and to listings, in a simulated tenancy of Oracle Cloud."""

from typing import Any

import pytest

from bakery.caller import Caller
from bakery.oci import export
from bakery.oci.export import Exports, export_name, import_name
from bakery.oci.listings import submit, withdraw
from bakery.oci.publication_checks import OciPublicationChecks
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import (
    CheckPublishedJob,
    ExportJob,
    ListingJob,
    PreflightJob,
    Published,
    RemoveOrphanJob,
    SupplyJob,
)
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, add_content, add_image, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import test_oci_bakery

pytestmark = pytest.mark.unit

server, tenancy = test_oci_bakery.server, test_oci_bakery.tenancy
NAME, MILAN = "dstack-0.15", "eu-milan-1"
OURS = {"dstack_stack": "test", "dstack_bake": BAKE}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)


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


# From region to region


def test_content_is_exported_once(tenancy: OciTenancy) -> None:
    with pytest.raises(ContentMissing):
        exported()
    add_content(tenancy)
    assert exported().object == export_name(BAKE)
    assert exported().bucket == BUCKET
    assert times(tenancy, "/actions/export") == 1
    assert objects(tenancy) == [export_name(BAKE)]


def test_export_of_somebody_else_is_waited_for(tenancy: OciTenancy) -> None:
    """Their object is ours: it goes by the content's name."""
    content = add_content(tenancy)
    store = tenancy.api.region(HOME).store
    supply_bucket(tenancy)
    content["lifecycleState"] = "EXPORTING"
    store.bucket(BUCKET).put(export_name(BAKE), {"of": content["id"]})
    exported()
    assert times(tenancy, "/actions/export") == 0


def supply_bucket(tenancy: OciTenancy) -> None:
    Exports(target())._home.make()


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


# Before


def preflight(*regions: str, public: bool = False) -> None:
    work = PreflightJob(
        stack="test", names=[NAME], locations=list(regions), public=public, target=target()
    )
    OciPublicationChecks(target()).preflight(work, Progress())


def test_everything_in_the_way_is_told_at_once(tenancy: OciTenancy) -> None:
    tenancy.api.subscribed.remove("us-phoenix-1")
    add_image(tenancy, NAME)
    tenancy.api.faults.room[MILAN] = 0
    milan = tenancy.api.region(MILAN).market
    milan.add_listing(NAME, "ocid1.image.oc1..somebodys", "1")
    milan.add_listing(f"{NAME}rc1", "ocid1.image.oc1..somebodys", "1")
    with pytest.raises(BakeryError) as refused:
        preflight(HOME, MILAN, "us-phoenix-1", public=True)
    text = str(refused.value)
    assert f"{HOME}: the name {NAME} is taken by an image that belongs to no stack" in text
    assert f"{MILAN}: there is a listing {NAME} already" in text
    assert text.count("there is a listing") == 1, "names are compared as a whole"
    assert f"{MILAN}: there is room for 0 more custom images" in text
    assert "us-phoenix-1: the tenancy is not subscribed to it" in text


def test_nobody_is_told_to_delete_what_is_published(tenancy: OciTenancy) -> None:
    theirs = add_image(tenancy, NAME, dstack_stack="prod")
    with pytest.raises(BakeryError, match="or delete that image"):
        preflight(HOME)
    submit(listing({HOME: theirs["id"]}, stack="prod"), Progress())
    with pytest.raises(BakeryError, match="everyone can boot it") as refused:
        preflight(HOME, public=True)
    assert "published by the stack prod" in str(refused.value)
    assert "delete" not in str(refused.value)


def test_own_images_and_listings_are_not_in_the_way(tenancy: OciTenancy) -> None:
    mine = add_image(tenancy, NAME, **OURS)
    submit(listing({HOME: mine["id"]}), Progress())
    tenancy.api.region(HOME).market.approve(NAME)
    preflight(HOME, public=True)


def clear(*, kept: bool = False) -> None:
    work = RemoveOrphanJob(
        stack="test", bake=BAKE, name=NAME, location=MILAN, protect=kept, target=target()
    )
    OciPublicationChecks(target()).remove_orphan(work, Progress())


def test_only_the_very_same_is_cleared(tenancy: OciTenancy) -> None:
    add_image(tenancy, NAME, MILAN, **OURS)["lifecycleState"] = "PROVISIONING"
    with pytest.raises(ContentMissing):
        clear()
    add_content(tenancy)
    clear()
    assert tenancy.api.images(MILAN) == []
    mine = add_image(tenancy, NAME, MILAN, **OURS)
    submit(listing({MILAN: mine["id"]}), Progress())
    with pytest.raises(BakeryError, match="is published, but the stack's state does not know"):
        clear(kept=True)
    tenancy.api.images(MILAN)[0]["freeformTags"] = {"dstack-stack": "test", "dstack-bake": "other"}
    clear()
    assert len(tenancy.api.images(MILAN)) == 1, "what it replaces is Pulumi's to remove"
    add_image(tenancy, NAME, MILAN)
    with pytest.raises(BakeryError, match="taken by an image that belongs to no stack"):
        clear()


# Afterwards


def confirm(ids: dict[str, str]) -> Published:
    work = CheckPublishedJob(
        stack="test", bake=BAKE, name=NAME, public=False, ids=ids, target=target()
    )
    return OciPublicationChecks(target()).check_published(work, Progress())


def test_shapes_that_the_import_lost_are_given_back(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    supply(MILAN)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    found["_shapes"].remove("BM.GPU4.8")
    assert confirm({MILAN: found["id"]}).found == {MILAN: found["id"]}
    assert "BM.GPU4.8" in found["_shapes"]
    assert objects(tenancy, MILAN) == [], "the copy is not needed any more"


def test_confirmation_notices_what_is_wrong(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    found["launchOptions"] = {**found["launchOptions"], "firmware": "BIOS"}
    with pytest.raises(BakeryError, match=f"is launched otherwise than {BAKE}: firmware"):
        confirm({MILAN: found["id"]})
    found["launchOptions"]["firmware"] = "UEFI_64"
    found["operatingSystem"] = "Custom"
    with pytest.raises(BakeryError, match=r"says that it is Custom 24\.04"):
        confirm({MILAN: found["id"]})
    found["operatingSystem"] = "Canonical Ubuntu"
    add_image(tenancy, NAME, MILAN)
    with pytest.raises(BakeryError, match=f"goes by the name {NAME} too, of no stack"):
        confirm({MILAN: found["id"]})
    found["lifecycleState"] = "DELETED"
    with pytest.raises(BakeryError, match=r"is DELETED, not AVAILABLE; run `pulumi refresh`"):
        confirm({MILAN: found["id"]})


# Listings


def listing(ids: dict[str, str], stack: str = "test", bake: str = BAKE) -> ListingJob:
    return ListingJob(
        stack=stack,
        bake=bake,
        name=NAME,
        version="0.15",
        system="Ubuntu 24.04.3 LTS",
        contact_name="dstack",
        contact_email="hello@dstack.ai",
        images=ids,
        target=target(),
    )


def states(tenancy: OciTenancy, region: str) -> list[str]:
    publications = tenancy.api.region(region).market.publications.values()
    return [one["lifecycleState"] for one in publications]


def test_submitted_once_in_each_region_and_not_waited_for(tenancy: OciTenancy) -> None:
    ids = {region: add_image(tenancy, NAME, region, **OURS)["id"] for region in (HOME, MILAN)}
    first = submit(listing(ids), Progress())
    assert submit(listing(ids), Progress()) == first
    assert states(tenancy, HOME) == states(tenancy, MILAN) == ["CREATING"]
    made = tenancy.api.region(MILAN).market.publications[first.publications[MILAN]]
    assert made["supportedOperatingSystems"] == [{"name": "Ubuntu 24.04.3 LTS"}]
    assert made["supportContacts"][0]["email"] == "hello@dstack.ai"
    withdraw(listing(ids), Progress())
    assert states(tenancy, HOME) == states(tenancy, MILAN) == ["DELETED"]
    withdraw(listing(ids), Progress())


def test_of_a_name_there_is_one(tenancy: OciTenancy) -> None:
    old, new = (add_image(tenancy, NAME, **OURS)["id"] for _ in range(2))
    submit(listing({HOME: old}), Progress())
    tenancy.api.region(HOME).market.approve(NAME)
    submit(listing({HOME: new}), Progress())
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]
    assert tenancy.api.region(HOME).market.listings == {}
    with pytest.raises(BakeryError, match="is published by the stack test; a second listing"):
        submit(listing({HOME: new}, stack="prod"), Progress())
    withdraw(listing({HOME: new}, stack="prod"), Progress())
    assert states(tenancy, HOME) == ["DELETED", "CREATING"]


def test_rejected_one_is_not_submitted_again_by_itself(tenancy: OciTenancy) -> None:
    """Nobody knows why it was, so that a person has to decide."""
    ids = {HOME: add_image(tenancy, NAME, **OURS)["id"]}
    first = submit(listing(ids), Progress())
    tenancy.api.region(HOME).market.reject(NAME)
    assert submit(listing(ids), Progress()) == first
    assert states(tenancy, HOME) == ["FAILED"]


def test_no_more_of_them_are_allowed(tenancy: OciTenancy) -> None:
    tenancy.api.faults.publications_full = True
    ids = {HOME: add_image(tenancy, NAME, **OURS)["id"]}
    with pytest.raises(BakeryError, match="LimitExceeded: The limit of Community Applications"):
        submit(listing(ids), Progress())


def test_names_of_objects_are_of_the_content_alone() -> None:
    assert export.export_name("b") == "exports/b.oci" == import_name("b", HOME, HOME)
