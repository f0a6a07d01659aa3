"""Names on Azure, in a subscription that a server plays: what is in the way, cleared, confirmed."""

from typing import Any

import pytest

from bakery.azure import replication
from bakery.azure.gallery_access import close_gallery, open_gallery
from bakery.azure.publication_checks import AzurePublicationChecks
from bakery.progress import Progress
from images.errors import BakeryError
from images.job import CheckPublishedJob, GalleryJob, PreflightJob, RemoveOrphanJob
from tests.fakes.azure_jobs import GROUP, target
from tests.fakes.bake_jobs import BAKE
from tests.simulators.azure.galleries import community_info
from tests.simulators.azure.shapes import Refused
from tests.simulators.azure.subscription import (
    LOCATION,
    OLD_DEFINITION,
    PUBLIC_NAME,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)

pytestmark = pytest.mark.unit

NAME = "dstack-0.14"
OURS = {"dstack-stack": "test", "dstack-bake": BAKE}
NUMBER = "2026.1124.1200"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "_REPLICATION_PAUSE", 0.05)


def public(subscription: AzureSubscription, **changes: Any) -> Any:
    return target(subscription, gallery=PUBLISHED_GALLERY, **changes)


def publisher(found: Any) -> AzurePublicationChecks:
    return AzurePublicationChecks(found, Progress())


def define(subscription: AzureSubscription, name: str = NAME, **tags: str) -> None:
    definition = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "dstackai", "offer": "dstack", "sku": name},
    }
    body = {"location": LOCATION, "tags": tags, "properties": definition}
    subscription.api.put(PUBLISHED_GROUP, f"{gallery()}/images/{name}", body)


def gallery() -> str:
    return f"Microsoft.Compute/galleries/{PUBLISHED_GALLERY}"


def add_version(
    subscription: AzureSubscription, *regions: str, excluded: bool = True, **tags: str
) -> str:
    """Of the definition, made of the bake; returns its id."""
    source = subscription.images(GROUP).get(BAKE) or subscription.add_image(GROUP, BAKE)
    profile = {
        "targetRegions": [{"name": region} for region in regions],
        "excludeFromLatest": excluded,
    }
    body = {
        "location": LOCATION,
        "tags": tags or OURS,
        "properties": {
            "storageProfile": {"source": {"id": source["id"]}},
            "publishingProfile": profile,
        },
    }
    path = f"{gallery()}/images/{NAME}/versions/{NUMBER}"
    return subscription.api.put(PUBLISHED_GROUP, path, body)["id"]


# Before


def admit(found: Any, *names: str) -> None:
    work = PreflightJob(
        stack="test",
        names=list(names),
        locations=[PUBLISHED_GROUP],
        public=found.gallery is not None,
        target=found,
    )
    publisher(found).preflight(work, Progress())


def test_everything_in_the_way_is_told_at_once(subscription: AzureSubscription) -> None:
    subscription.add_image(PUBLISHED_GROUP, NAME)
    subscription.add_image(PUBLISHED_GROUP, "dstack-cuda-0.14", **{"dstack-stack": "prod"})
    with pytest.raises(BakeryError) as refused:
        admit(target(subscription), NAME, "dstack-cuda-0.14")
    text = str(refused.value)
    assert f"the name {NAME} is taken by a managed image that belongs to no stack" in text
    assert "dstack-cuda-0.14 is taken by a managed image that belongs to the stack prod" in text


def test_definitions_are_in_the_way_of_public_images_only(subscription: AzureSubscription) -> None:
    admit(target(subscription), OLD_DEFINITION)
    taken = f"the name {OLD_DEFINITION} is taken by a definition"
    with pytest.raises(BakeryError, match=taken) as refused:
        admit(public(subscription), OLD_DEFINITION)
    assert "choose another release or prefix" in str(refused.value)
    assert "delete" not in str(refused.value), "everyone boots what is in a public gallery"
    define(subscription, **OURS)
    admit(public(subscription), NAME)


def test_gallery_that_is_still_to_be_made_is_in_nobodys_way(
    subscription: AzureSubscription,
) -> None:
    admit(public(subscription).model_copy(update={"gallery": "another"}), NAME)


# What was made and never recorded


def clear(found: Any, place: str, *, kept: bool = False) -> None:
    work = RemoveOrphanJob(
        stack="test",
        bake=BAKE,
        standing="current",
        name=NAME,
        location=place,
        protect=kept,
        target=found,
    )
    publisher(found).remove_orphan(work, Progress())


def test_only_the_very_same_image_is_cleared(subscription: AzureSubscription) -> None:
    found = target(subscription)
    subscription.add_image(PUBLISHED_GROUP, NAME, **OURS)
    with pytest.raises(BakeryError, match=f"{BAKE} is gone from the store"):
        clear(found, PUBLISHED_GROUP)
    subscription.add_image(GROUP, BAKE)
    clear(found, PUBLISHED_GROUP)
    assert NAME not in subscription.images(PUBLISHED_GROUP)
    clear(found, PUBLISHED_GROUP)
    subscription.add_image(PUBLISHED_GROUP, NAME, **{**OURS, "dstack-bake": "other"})
    with pytest.raises(BakeryError, match="something of the stack test, made of other"):
        clear(found, PUBLISHED_GROUP)


def test_version_and_definition_are_cleared(subscription: AzureSubscription) -> None:
    define(subscription, **{"dstack-stack": "test"})
    add_version(subscription, LOCATION)
    clear(public(subscription), f"{PUBLISHED_GALLERY}/{NUMBER}")
    assert NAME not in subscription.versions(PUBLISHED_GALLERY)
    assert NAME in subscription.definitions(PUBLISHED_GALLERY)
    add_version(subscription, LOCATION)
    clear(public(subscription), PUBLISHED_GALLERY)
    assert set(subscription.definitions(PUBLISHED_GALLERY)) == {OLD_DEFINITION}


def test_what_everyone_boots_is_not_cleared_from_a_kept_stack(
    subscription: AzureSubscription,
) -> None:
    define(subscription, **{"dstack-stack": "test"})
    add_version(subscription, LOCATION, excluded=False)
    for place in (PUBLISHED_GALLERY, f"{PUBLISHED_GALLERY}/{NUMBER}"):
        with pytest.raises(BakeryError, match="is public, but the stack's state does not know it"):
            clear(public(subscription), place, kept=True)
    assert NUMBER in subscription.versions(PUBLISHED_GALLERY)[NAME]


def test_release_that_cannot_be_made_again_is_not_cleared(subscription: AzureSubscription) -> None:
    subscription.add_image(GROUP, BAKE)
    work = RemoveOrphanJob(
        stack="test",
        bake=BAKE,
        standing="current",
        name=OLD_DEFINITION,
        location=PUBLISHED_GALLERY,
        protect=False,
        target=public(subscription),
    )
    with pytest.raises(BakeryError, match="something of no stack"):
        publisher(public(subscription)).remove_orphan(work, Progress())
    assert OLD_DEFINITION in subscription.definitions(PUBLISHED_GALLERY)


# Afterwards


def confirm(found: Any, id: str) -> dict[str, str]:
    place = found.gallery or PUBLISHED_GROUP
    work = CheckPublishedJob(
        stack="test",
        bake=BAKE,
        name=NAME,
        public=found.gallery is not None,
        standing="current",
        ids={place: id},
        target=found,
    )
    return publisher(found).check_published(work, Progress()).found


def test_managed_image_of_other_content_is_noticed(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)
    id = subscription.add_image(PUBLISHED_GROUP, NAME, **{**OURS, "dstack-bake": "other"})["id"]
    with pytest.raises(BakeryError, match=f"{NAME} is of other, not of {BAKE}"):
        confirm(target(subscription), id)
    with pytest.raises(BakeryError, match="is not there"):
        confirm(target(subscription), f"{id}x")


def test_what_comes_later_is_waited_for(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bakery.publication_checks.PAUSE", 0.05)
    id = subscription.add_image(PUBLISHED_GROUP, NAME, **OURS)["id"]
    absent = Refused(404, "ResourceNotFound", "not known here yet")
    subscription.api.refusals += [("GET", NAME, absent), ("GET", NAME, absent)]
    assert confirm(target(subscription), id) == {PUBLISHED_GROUP: id}


def test_gallery_that_is_closed_shows_nothing(subscription: AzureSubscription) -> None:
    define(subscription, **OURS)
    id = add_version(subscription, LOCATION)
    close_gallery(GalleryJob(adopted=False, target=public(subscription)), Progress())
    with pytest.raises(BakeryError, match="the gallery is not shared with everyone"):
        confirm(public(subscription), id)


def test_servers_may_see_it_late(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure names no time for what it shows to everyone."""
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)
    define(subscription, **OURS)
    id = add_version(subscription, LOCATION)
    late = Refused(404, "NotFound", "not shown here yet")
    look = f"/communityGalleries/{PUBLIC_NAME}/images/{NAME}"
    subscription.api.refusals += [("GET", look, late)] * 3
    assert confirm(public(subscription), id) == {PUBLISHED_GALLERY: id}
    assert subscription.api.refusals == []


def test_gallery_goes_by_the_name_that_servers_have(subscription: AzureSubscription) -> None:
    """It may have several: a gallery that was shared twice."""
    (gallery,) = subscription.api.arm.resources.of("Microsoft.Compute/galleries")
    names = community_info(gallery)["publicNames"]
    names.insert(0, "dstack-00000000-0000-0000-0000-000000000000")
    work = GalleryJob(adopted=True, target=public(subscription, public_name=PUBLIC_NAME))
    assert open_gallery(work, Progress()).public_name == PUBLIC_NAME
    names.remove(PUBLIC_NAME)
    with pytest.raises(BakeryError, match=f"and not as {PUBLIC_NAME}, .*azure.publicName"):
        open_gallery(work, Progress())


def test_version_is_let_go_once_it_is_everywhere(subscription: AzureSubscription) -> None:
    define(subscription, **OURS)
    id = add_version(subscription, LOCATION, "northeurope", "eastus")
    assert NAME not in subscription.offered(PUBLISHED_GALLERY).get("eastus", [])
    assert confirm(public(subscription), id) == {PUBLISHED_GALLERY: id}
    offered = subscription.offered(PUBLISHED_GALLERY)
    assert all(NAME in offered[region] for region in (LOCATION, "northeurope", "eastus"))
    body = subscription.versions(PUBLISHED_GALLERY)[NAME][NUMBER]
    profile = body["properties"]["publishingProfile"]
    assert len(profile["targetRegions"]) == 3, "the rest of the profile is as it was"
    assert confirm(public(subscription), id) == {PUBLISHED_GALLERY: id}, "and again"


def test_region_that_failed_is_sent_again_and_named_if_it_fails_again(
    subscription: AzureSubscription, capsys: pytest.CaptureFixture[str]
) -> None:
    define(subscription, **OURS)
    subscription.api.fail_replication("northeurope")
    id = add_version(subscription, LOCATION, "northeurope")
    with pytest.raises(
        BakeryError, match=r"did not get to northeurope: Failed.*run `pulumi up` again"
    ):
        confirm(public(subscription), id)
    assert "is sent again: northeurope" in capsys.readouterr().err
    assert NAME not in subscription.offered(PUBLISHED_GALLERY).get(LOCATION, [])
    subscription.api.fail_replication()
    assert confirm(public(subscription), id) == {PUBLISHED_GALLERY: id}
    assert NAME in subscription.offered(PUBLISHED_GALLERY)["northeurope"]


def test_region_that_may_not_be_sent_again_is_told(subscription: AzureSubscription) -> None:
    """What Azure does not even begin is no replication that failed."""
    define(subscription, **OURS)
    subscription.api.fail_replication("northeurope")
    id = add_version(subscription, LOCATION, "northeurope")
    refusal = Refused(403, "AuthorizationFailed", "may not write versions")
    subscription.api.refusals.append(("PATCH", NUMBER, refusal))
    with pytest.raises(BakeryError, match="may not write versions"):
        confirm(public(subscription), id)


# The gallery itself


def test_gallery_is_opened_once(subscription: AzureSubscription) -> None:
    body = {
        "location": LOCATION,
        "properties": {
            "sharingProfile": {
                "permissions": "Community",
                "communityGalleryInfo": {
                    "publisherUri": "https://dstack.ai",
                    "publisherContact": "hello@dstack.ai",
                    "eula": "https://dstack.ai/terms",
                    "publicNamePrefix": "another",
                },
            }
        },
    }
    subscription.api.put(PUBLISHED_GROUP, "Microsoft.Compute/galleries/another", body)
    found = target(subscription, gallery="another")
    work = GalleryJob(adopted=False, target=found)
    name = open_gallery(work, Progress()).public_name
    assert name.startswith("another-")
    assert subscription.is_public("another")
    assert open_gallery(work, Progress()).public_name == name
    posts = [path for method, path in subscription.api.calls if method == "POST"]
    assert sum(path.endswith("/share") for path in posts) == 1
    close_gallery(work, Progress())
    assert not subscription.is_public("another")


def test_adopted_gallery_is_open_already(subscription: AzureSubscription) -> None:
    work = GalleryJob(adopted=True, target=public(subscription))
    assert open_gallery(work, Progress()).public_name == PUBLIC_NAME


def test_adopted_gallery_is_not_opened_for_somebody(subscription: AzureSubscription) -> None:
    work = GalleryJob(adopted=True, target=public(subscription))
    close_gallery(work, Progress())
    with pytest.raises(BakeryError, match="is not shared with everyone, and the stack only adopts"):
        open_gallery(work, Progress())
    assert not subscription.is_public(PUBLISHED_GALLERY)
