"""The bakery in a subscription that a server plays: leftovers, refusals, records."""

from pathlib import Path
from typing import Any

import pytest

from bakery.adapter import RunFolders
from bakery.azure.adapter import Azure
from bakery.azure.leftovers import find_all, prefix, remove_all
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.azure import AzureTarget
from images.errors import BakeryError
from images.naming import bake_name, snapshot_name
from tests.fakes.azure_jobs import ACCOUNT, BUILD_GROUP, CONTAINER, GROUP, SOURCE, job, target
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER, verification_of
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.roles import BLOB_CONTRIBUTOR
from tests.simulators.azure.shapes import Refused
from tests.simulators.azure.subscription import AzureSubscription
from tests.unit.kept_log import end_run
from tests.unit.unit_samples import ago, bake_record, soon, verification_record

pytestmark = pytest.mark.unit

SNAPSHOT = snapshot_name(BAKE)


def azure(found: AzureTarget, stack: str = "test") -> Azure:
    return Azure(found, stack, Progress())


def tags(bake: str = BAKE, of: str | None = None, expires: str = "") -> dict[str, str]:
    """Of a run's things, as Packer is told to tag them."""
    return {
        "dstack-bake": bake,
        "dstack-stack": "test",
        "dstack-run-owner": of or run_owner(),
        "dstack-expires": expires or soon(),
    }


def names(subscription: AzureSubscription) -> set[str]:
    """What is in both groups, but for the records."""
    ids = [id for group in (GROUP, BUILD_GROUP) for id in subscription.resources(group)]
    found = {id.rpartition("/")[2] for id in ids}
    return found - {ACCOUNT, CONTAINER, "default"}


# Sources


@pytest.mark.parametrize("source", [SOURCE, f"{SOURCE}:24.04.202508210"])
def test_source_is_resolved_and_recorded(
    subscription: AzureSubscription, place: RunFolders, source: str
) -> None:
    found = target(subscription, source=source)
    session = azure(found).prepare(job(found), place, Progress())
    version = "24.04.202508210" if source != SOURCE else "24.04.202508280"
    assert session.source == f"{SOURCE}:{version}"
    assert session.variables["source_version"] == version
    assert (session.variables["source_image"], session.variables["snapshot_name"]) == ("", SNAPSHOT)


def test_verification_starts_from_content_and_leaves_none(
    subscription: AzureSubscription, place: RunFolders
) -> None:
    found = target(subscription)
    work = verification_of(job(found), "boot")
    variables = azure(found).prepare(work, place, Progress()).variables
    assert variables["source_image"] == BAKE
    assert variables["source_publisher"] == ""
    assert variables["snapshot_name"] == ""
    assert (variables["image_name"], variables["throw_away"]) == (f"{BAKE}-verify", True)
    assert variables["vm_size"] == "Standard_NV6ads_A10_v5"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("canonical:ubuntu-24_04-lts:nothing", "westeurope has no canonical:ubuntu-24_04-lts:no"),
        (f"{SOURCE}:1.2.3", "westeurope has no canonical:ubuntu-24_04-lts:server:1.2.3"),
        ("canonical:ubuntu-24_04-lts:server-gen1", "is V1 for x64; servers expect V2 and x64"),
    ],
)
def test_source_that_does_not_do(subscription: AzureSubscription, source: str, words: str) -> None:
    found = target(subscription, source=source)
    with pytest.raises(BakeryError, match=words):
        azure(found).preflight(job(found), OLD_PACKER)


# Leftovers


def test_what_a_dead_run_of_this_machine_left_goes(subscription: AzureSubscription) -> None:
    subscription.add_machine(BUILD_GROUP, "pkrvm", tags(), disk="pkros1")
    subscription.add_image(GROUP, BAKE, **tags())
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags())
    assert len(names(subscription)) == 8
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == set()


def test_runs_may_leave_more_than_a_page_lists(subscription: AzureSubscription) -> None:
    for number in range(3):
        subscription.add_machine(BUILD_GROUP, f"pkrvm{number}", tags(), disk=f"pkros{number}")
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == set()


def test_snapshot_without_its_image_goes(subscription: AzureSubscription) -> None:
    """Packer makes it first, and refuses to make it again."""
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags())
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == set()
    subscription.add_snapshot(GROUP, SNAPSHOT, **{"dstack-bake": BAKE})
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == set(), "nor one whose image somebody deleted"


def test_snapshot_of_a_run_that_is_alive_is_left_alone(subscription: AzureSubscription) -> None:
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags(of="another"))
    with pytest.raises(BakeryError, match=r"another machine \(another\) is at work"):
        azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == {SNAPSHOT}


def test_content_that_was_completed_since_it_was_listed_stays(
    subscription: AzureSubscription, place: RunFolders
) -> None:
    """A run may outlive its time, and end well."""
    there = target(subscription)
    adapter, work = azure(there), job(there)
    subscription.add_image(GROUP, BAKE, **tags(of="another", expires=ago()))
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags(of="another", expires=ago()))
    found = find_all(there, "", "test")
    assert len(found.told()) == 2
    made = adapter.collect(work, place).image_id
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": made})
    adapter.complete(work, place, record)
    remove_all(there, found, Progress())
    assert adapter.find(BAKE) == record


def test_disk_without_its_machine_goes(subscription: AzureSubscription) -> None:
    for name in (f"{prefix(BAKE)}os12345", "dstkanotheros1", "somebody-elses", "pkros12345"):
        subscription.add_disk(BUILD_GROUP, name)
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == {"dstkanotheros1", "somebody-elses", "pkros12345"}


def test_disk_of_another_driver_goes_after_a_day(subscription: AzureSubscription) -> None:
    for name in ("dstkanotheros1", "somebody-elses", "pkros12345"):
        disk: Any = subscription.add_disk(BUILD_GROUP, name)
        disk["properties"]["timeCreated"] = "2025-01-01T00:00:00.000Z"
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == {"somebody-elses", "pkros12345"}


def test_run_that_is_alive_elsewhere_is_left_alone(subscription: AzureSubscription) -> None:
    subscription.add_machine(BUILD_GROUP, "pkrvm", tags(of="another"))
    before = names(subscription)
    with pytest.raises(BakeryError, match=r"another machine \(another\) is at work"):
        azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == before


def test_what_expired_goes_if_it_is_the_stacks(subscription: AzureSubscription) -> None:
    other = bake_name("cuda", DIGEST)
    subscription.add_machine(BUILD_GROUP, "pkrvm", tags(other, "another", ago()))
    azure(target(subscription), "somebody").sweep(BAKE, Progress())
    assert "pkrvm" in names(subscription)
    azure(target(subscription)).sweep(BAKE, Progress())
    assert "pkrvm" not in names(subscription)


def test_things_without_tags_are_somebody_elses(subscription: AzureSubscription) -> None:
    subscription.add_machine(BUILD_GROUP, "mine", {})
    subscription.add_image(GROUP, "mine-too")
    before = names(subscription)
    azure(target(subscription)).sweep(BAKE, Progress())
    assert names(subscription) == before


# Records


def test_content_says_itself_what_it_is(subscription: AzureSubscription, place: RunFolders) -> None:
    adapter, work = azure(target(subscription)), job(target(subscription))
    subscription.add_image(GROUP, BAKE, **tags())
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags())
    assert adapter.find(BAKE) is None
    made = adapter.collect(work, place)
    record = bake_record(BAKE, DIGEST).model_copy(update={"image_id": made.image_id})
    adapter.complete(work, place, record)
    assert azure(target(subscription), "another").find(BAKE) == record
    kept = subscription.images(GROUP)[BAKE]["tags"]
    assert not {"dstack-expires", "dstack-run-owner"} & set(kept)
    assert (kept["dstack-bake"], kept["dstack-stack"]) == (BAKE, "test")

    verified = verification_record(BAKE)
    adapter.keep_verification(verified)
    assert adapter.find_verification(BAKE, verified.digest) == verified
    assert adapter.find_verification(BAKE, "f" * 64) is None
    assert set(subscription.api.objects(ACCOUNT, CONTAINER)) == {
        f"packages/{BAKE}.txt",
        f"sboms/{BAKE}.spdx.json.gz",
        f"records/{BAKE}.json",
        f"records/{BAKE}-verified-{verified.digest[:12]}.json",
    }
    adapter.sweep(BAKE, Progress())
    assert adapter.find(BAKE) == record, "what is complete is never swept"
    assert SNAPSHOT in names(subscription)


def test_older_verification_is_replaced_whole(
    subscription: AzureSubscription, place: RunFolders
) -> None:
    adapter = azure(target(subscription))
    subscription.add_image(GROUP, BAKE)
    long = verification_record(BAKE)
    checks = [
        long.checks[0].model_copy(update={"message": f"{number} " * 99}) for number in range(50)
    ]
    adapter.keep_verification(long.model_copy(update={"checks": checks, "digest": "a" * 64}))
    before = subscription.images(GROUP)[BAKE]["tags"]
    adapter.keep_verification(long)
    after = subscription.images(GROUP)[BAKE]["tags"]
    assert len(after) < len(before)
    assert adapter.find_verification(BAKE, long.digest) == long


def test_image_without_its_snapshot_is_told(
    subscription: AzureSubscription, place: RunFolders
) -> None:
    """Nothing could be published from it."""
    adapter, work = azure(target(subscription)), job(target(subscription))
    subscription.add_image(GROUP, BAKE, **tags())
    record = bake_record(BAKE, DIGEST).model_copy(
        update={"image_id": adapter.collect(work, place).image_id}
    )
    with pytest.raises(BakeryError, match=f"made no {SNAPSHOT}"):
        adapter.complete(work, place, record)
    assert adapter.find(BAKE) is None, "it is not complete"

    subscription.add_snapshot(GROUP, SNAPSHOT, **tags())
    adapter.complete(work, place, record)
    adapter._snapshots.remove(SNAPSHOT)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(BakeryError, match=f"has lost its snapshot {SNAPSHOT}. Delete the managed"):
        adapter.find(BAKE)


def test_damaged_record_is_told_and_not_swept(subscription: AzureSubscription) -> None:
    subscription.add_image(GROUP, BAKE, **tags(expires=ago()), **{"dstack-record-0": "1:AAAA"})
    subscription.add_snapshot(GROUP, SNAPSHOT)
    adapter = azure(target(subscription))
    adapter.sweep(BAKE, Progress())
    with pytest.raises(BakeryError, match=r"is damaged.*Delete the managed image"):
        adapter.find(BAKE)
    assert names(subscription) == {BAKE, SNAPSHOT}
    subscription.remove(subscription.images(GROUP)[BAKE]["id"])
    adapter.sweep(BAKE, Progress())
    assert names(subscription) == set(), "as told, it is baked anew"


def test_log_that_cannot_be_kept_is_told_and_fails_nothing(
    subscription: AzureSubscription, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end_run(azure(target(subscription)), tmp_path)
    kept = subscription.api.objects(ACCOUNT, CONTAINER)
    assert kept == {f"logs/{BAKE}/x.log": "said"}
    assert capsys.readouterr().err == ""
    end_run(azure(target(subscription, container="no-such-container")), tmp_path)
    assert f"the log is on this machine alone: keeping logs/{BAKE}/" in capsys.readouterr().err


# What Azure refuses


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AuthorizationFailed", "these credentials may not do this.*docs/azure.md"),
        (409, "Conflict", "Conflict: a bad day"),
    ],
)
def test_refusals_in_words(
    subscription: AzureSubscription, status: int, code: str, words: str
) -> None:
    subscription.api.refusals.append(("GET", BAKE, Refused(status, code, "a bad day")))
    with pytest.raises(BakeryError, match=words):
        azure(target(subscription)).find(BAKE)


@pytest.mark.parametrize("status", [429, 503])
def test_what_passes_is_asked_again(subscription: AzureSubscription, status: int) -> None:
    subscription.api.refusals.append(("GET", BAKE, Refused(status, "TooMany", "slow down")))
    assert azure(target(subscription)).find(BAKE) is None


def test_owner_who_may_not_write_into_storage_bakes_all_the_same(
    subscription: AzureSubscription, place: RunFolders, capsys: pytest.CaptureFixture[str]
) -> None:
    """As everybody is at the first `up`: to own is not to write data. Content has its records."""
    subscription.api.arm.roles.revoke(PERSON_OBJECT, BLOB_CONTRIBUTOR)
    adapter, work = azure(target(subscription)), job(target(subscription))
    adapter.preflight(work, OLD_PACKER)
    subscription.add_image(GROUP, BAKE, **tags())
    subscription.add_snapshot(GROUP, SNAPSHOT, **tags())
    record = bake_record(BAKE, DIGEST).model_copy(
        update={"image_id": adapter.collect(work, place).image_id}
    )
    adapter.complete(work, place, record)
    assert adapter.find(BAKE) == record
    verified = verification_record(BAKE)
    adapter.keep_verification(verified)
    assert adapter.find_verification(BAKE, verified.digest) == verified
    told = capsys.readouterr().err
    assert told.count("could not be written to the stack's container") == 1
    assert "clouds.azure.operators" in told
    assert subscription.api.objects(ACCOUNT, CONTAINER) == {}
