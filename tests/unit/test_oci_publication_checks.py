"""What is looked at before an image is published on Oracle Cloud, and afterwards."""

import pytest

from bakery.oci.listings import submit
from bakery.oci.publication_checks import OciPublicationChecks
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import (
    CheckPublishedJob,
    PreflightJob,
    Published,
    RemoveOrphanJob,
)
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import (
    EXPORT,
    MILAN,
    NAME,
    OURS,
    add_content,
    add_image,
    listing_job,
    target,
)
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy
from tests.unit.test_oci_exports import objects, supply

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)


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
    submit(listing_job({HOME: theirs["id"]}, stack="prod"), Progress())
    with pytest.raises(BakeryError, match="everyone can boot it") as refused:
        preflight(HOME, public=True)
    assert "published by the stack prod" in str(refused.value)
    assert "delete" not in str(refused.value)


def test_own_images_and_listings_are_not_in_the_way(tenancy: OciTenancy) -> None:
    mine = add_image(tenancy, NAME, **OURS)
    submit(listing_job({HOME: mine["id"]}), Progress())
    tenancy.api.region(HOME).market.approve(NAME)
    preflight(HOME, public=True)


def clear(*, kept: bool = False) -> None:
    work = RemoveOrphanJob(
        stack="test",
        bake=BAKE,
        standing="current",
        name=NAME,
        location=MILAN,
        protect=kept,
        target=target(),
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
    submit(listing_job({MILAN: mine["id"]}), Progress())
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
        stack="test",
        bake=BAKE,
        name=NAME,
        public=False,
        standing="current",
        ids=ids,
        target=target(),
    )
    return OciPublicationChecks(target()).check_published(work, Progress())


def test_shapes_that_the_import_lost_are_given_back(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    supply(MILAN)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    found["_shapes"].remove("BM.GPU4.8")
    ids = {MILAN: found["id"], HOME: add_image(tenancy, NAME, **OURS)["id"]}
    assert confirm(ids).found == ids
    assert "BM.GPU4.8" in found["_shapes"]
    assert objects(tenancy, MILAN) == [], "the copy is not needed any more"
    assert objects(tenancy) == [EXPORT], "but the export is"


def test_confirmation_notices_what_is_wrong(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    found = add_image(tenancy, NAME, MILAN, **OURS)
    found["launchOptions"] = {**found["launchOptions"], "firmware": "BIOS"}
    with pytest.raises(BakeryError, match=f"has other launch options than {BAKE}: firmware"):
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
