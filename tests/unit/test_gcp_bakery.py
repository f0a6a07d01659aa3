"""The bakery in a project that an HTTP server plays: leftovers, refusals, records."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import Credentials
from pulumi_gcp import compute

from bakery.adapter import RunFolders
from bakery.gcp import clients
from bakery.gcp.adapter import Gcp
from bakery.gcp.features import KNOWN
from bakery.gcp.leftovers import disk_name
from bakery.gcp.publication_checks import GcpPublicationChecks
from bakery.progress import Progress
from bakery.run_owner import run_owner
from images.errors import BakeryError
from images.gcp import GcpTarget
from images.job import BakeJob, CheckPublishedJob, PreflightJob, RemoveOrphanJob
from images.naming import bake_name
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER, bake_job
from tests.simulators.gcp.api import FAMILY, SOURCE, UBUNTU, Refused
from tests.simulators.gcp.project import PROJECT, GcpProject
from tests.unit.kept_log import end_run
from tests.unit.unit_samples import ago, bake_record, soon, verification_record

pytestmark = pytest.mark.unit

BUCKET = "dstack-images-test-some-project"
ZONE = f"/compute/v1/projects/{PROJECT}/zones/us-central1-a"
NAME = "dstack-0-14"


@pytest.fixture(scope="module")
def server() -> Iterator[GcpProject]:
    with GcpProject() as found:
        yield found


@pytest.fixture
def project(server: GcpProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GcpProject:
    """Empty but for the bucket, as seen from a machine of its own."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    server.reset()
    server.api.buckets[BUCKET] = {"objects": {}}
    return server


def target(project: GcpProject, **changes: Any) -> GcpTarget:
    found = GcpTarget(
        project=PROJECT,
        zone="us-central1-a",
        endpoint=project.address,
        source=SOURCE,
        machine_type="e2-standard-4",
        verify_machine_type="a3-highgpu-1g",
        subnet="default",
        iap=False,
        storage_location="us",
        bucket=BUCKET,
    )
    return found.model_copy(update=changes)


def job(target: GcpTarget) -> BakeJob:
    return bake_job(target, 20)


def insert(project: GcpProject, kind: str, name: str, **more: Any) -> None:
    """A machine or a disk, as Packer makes them."""
    body = json.dumps({"name": name, **more}).encode()
    project.api.call("POST", f"{ZONE}/{kind}", {}, body)


def insert_machine(project: GcpProject, bake: str, of: str, **labels: str) -> None:
    disk = disk_name(bake) if of == run_owner() else f"{bake}-of-{of}"
    insert(project, "disks", disk, sourceImage=f"projects/{UBUNTU}/global/images/{SOURCE}")
    every = {"dstack-bake": bake, "dstack-stack": "test", "dstack-run-owner": of, **labels}
    insert(project, "instances", bake, labels=every, disks=[{"source": disk}])


# Sources


@pytest.mark.parametrize("source", [SOURCE, f"family:{UBUNTU}/{FAMILY}"])
def test_source_is_resolved_and_recorded(
    project: GcpProject, place: RunFolders, source: str
) -> None:
    found = target(project, source=source)
    session = Gcp(found, "test").prepare(job(found), place, Progress())
    assert session.source.startswith("https://www.googleapis.com/compute/v1/projects/ubuntu-os")
    assert session.variables["source"] == SOURCE
    assert session.variables["source_project"] == UBUNTU
    assert session.variables["features"] == ["GVNIC", "UEFI_COMPATIBLE", "VIRTIO_SCSI_MULTIQUEUE"]
    assert session.variables["maintenance"] == "MIGRATE"


@pytest.mark.parametrize("source", ["no-such-image", f"family:{UBUNTU}/no-such-family"])
def test_source_that_is_not_there(project: GcpProject, source: str) -> None:
    found = target(project, source=source)
    with pytest.raises(BakeryError, match=f"there is no image {source}"):
        Gcp(found, "test").preflight(job(found), OLD_PACKER)


def test_source_that_is_larger_than_the_disk(project: GcpProject) -> None:
    small = job(target(project)).model_copy(update={"disk_gb": 9})
    with pytest.raises(BakeryError, match="has a disk of 10 GB"):
        Gcp(target(project), "test").preflight(small, OLD_PACKER)


def test_tunnel_needs_gcloud(project: GcpProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = target(project, iap=True)
    with pytest.raises(BakeryError, match="no gcloud on PATH"):
        Gcp(found, "test").preflight(job(found), OLD_PACKER)


def test_tunnel_needs_a_login_of_gclouds_own(
    project: GcpProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Libraries' credentials are not gcloud's; those of a file Packer hands on."""
    gcloud = tmp_path / "gcloud"
    gcloud.write_text("#!/bin/sh\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    found = target(project, iap=True)
    with pytest.raises(BakeryError, match=r"gcloud is not logged in.*run `gcloud auth login`"):
        Gcp(found, "test").preflight(job(found), OLD_PACKER)
    gcloud.write_text('#!/bin/sh\n[ "$1 $2" = "auth list" ] && echo me@example.com\n')
    Gcp(found, "test").preflight(job(found), OLD_PACKER)
    gcloud.write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    Gcp(found, "test").preflight(job(found), OLD_PACKER)


def test_source_with_a_feature_that_nothing_could_publish(project: GcpProject) -> None:
    project.add_image(SOURCE, guestOsFeatures=[{"type": "GVNIC"}, {"type": "CCA_CAPABLE"}])
    with pytest.raises(BakeryError, match="has CCA_CAPABLE, which Pulumi's provider"):
        Gcp(target(project), "test").preflight(job(target(project)), OLD_PACKER)


def test_features_that_the_provider_knows() -> None:
    """As its Python package says it, which follows the provider's own list."""
    text = str(compute.ImageGuestOsFeatureArgs.__init__.__doc__)
    listed = text.partition("Possible values are:")[2]
    assert set(re.findall(r"`([A-Z0-9_]+)`", listed)) == KNOWN


# Leftovers


def test_what_a_dead_run_of_this_machine_left_goes(project: GcpProject) -> None:
    insert_machine(project, BAKE, run_owner(), **{"dstack-expires": soon()})
    project.add_image(BAKE, labels=project.api.instances[BAKE]["labels"])
    Gcp(target(project), "test").sweep(BAKE, Progress())
    assert (project.api.instances, project.api.disks, project.images()) == ({}, {}, {})


def test_disk_has_a_name_whatever_the_run_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "a_workflow_" * 5)
    longest = f"{bake_name('a3mega', DIGEST)}-verify"
    assert re.fullmatch(r"[a-z][-a-z0-9]{0,61}[a-z0-9]", disk_name(longest))
    mine = disk_name(longest)
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "another")
    assert disk_name(longest) != mine


def test_disk_without_its_machine_goes(project: GcpProject) -> None:
    insert(project, "disks", disk_name(BAKE))
    insert(project, "disks", f"{BAKE}-of-another-driver")
    insert(project, "disks", "somebody-elses")
    Gcp(target(project), "test").sweep(BAKE, Progress())
    assert set(project.api.disks) == {f"{BAKE}-of-another-driver", "somebody-elses"}


def test_disk_of_another_driver_goes_after_a_day(project: GcpProject) -> None:
    insert(project, "disks", f"{BAKE}-of-another-driver")
    project.api.disks[f"{BAKE}-of-another-driver"]["creationTimestamp"] = (
        "2025-01-01T00:00:00.000-08:00"
    )
    Gcp(target(project), "test").sweep(BAKE, Progress())
    assert project.api.disks == {}


def test_run_that_is_alive_elsewhere_is_left_alone(project: GcpProject) -> None:
    insert_machine(project, BAKE, "another", **{"dstack-expires": soon()})
    with pytest.raises(BakeryError, match=r"another machine \(another\) is at work"):
        Gcp(target(project), "test").sweep(BAKE, Progress())
    assert BAKE in project.api.instances


def test_what_expired_goes_if_it_is_the_stacks(project: GcpProject) -> None:
    other = bake_name("cuda", DIGEST)
    insert_machine(project, other, "another", **{"dstack-expires": ago()})
    Gcp(target(project), "somebody").sweep(BAKE, Progress())
    assert set(project.api.instances) == {other}
    Gcp(target(project), "test").sweep(BAKE, Progress())
    assert project.api.instances == {}


def test_more_than_a_page_is_looked_at(project: GcpProject) -> None:
    for number in range(5):
        project.add_image(f"somebody-elses-{number}")
    project.add_image(BAKE, labels={"dstack-bake": BAKE, "dstack-expires": ago()})
    Gcp(target(project), "test").sweep(BAKE, Progress())
    assert len(project.images()) == 5


# Records


def test_content_says_itself_what_it_is(project: GcpProject, place: RunFolders) -> None:
    adapter, work = Gcp(target(project), "test"), job(target(project))
    labels = {"dstack-bake": BAKE, "dstack-expires": soon(), "dstack-run-owner": run_owner()}
    project.add_image(BAKE, labels=labels)
    assert adapter.find(BAKE) is None
    made = adapter.collect(work, place)
    record = bake_record(BAKE, DIGEST).model_copy(
        update={"image_id": made.image_id, "features": made.features}
    )
    adapter.complete(work, place, record)
    assert Gcp(target(project), "another").find(BAKE) == record
    assert project.images()[BAKE]["labels"] == {"dstack-bake": BAKE}

    verified = verification_record(BAKE)
    adapter.keep_verification(verified)
    assert adapter.find_verification(BAKE, verified.digest) == verified
    assert adapter.find_verification(BAKE, "f" * 64) is None
    assert set(project.objects(BUCKET)) == {
        f"packages/{BAKE}.txt",
        f"sboms/{BAKE}.spdx.json.gz",
        f"records/{BAKE}.json",
        f"records/{BAKE}-verified-{verified.digest[:12]}.json",
    }
    adapter.sweep(BAKE, Progress())
    assert adapter.find(BAKE) == record, "what is complete is never swept"


def test_damaged_record_is_told_and_not_swept(project: GcpProject) -> None:
    labels = {"dstack-bake": BAKE, "dstack-expires": ago()}
    project.add_image(BAKE, labels=labels, description="dstack-record 0:AAAA")
    adapter = Gcp(target(project), "test")
    adapter.sweep(BAKE, Progress())
    with pytest.raises(BakeryError, match="is damaged"):
        adapter.find(BAKE)


def test_log_that_cannot_be_kept_is_told_and_fails_nothing(
    project: GcpProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end_run(Gcp(target(project), "test"), tmp_path)
    assert project.objects(BUCKET) == {f"logs/{BAKE}/x.log": "said"}
    assert capsys.readouterr().err == ""
    end_run(Gcp(target(project, bucket="no-such-bucket"), "test"), tmp_path)
    told = "the log is on this machine alone: the bucket no-such-bucket does not take logs/"
    assert told in capsys.readouterr().err


# What Google refuses


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (403, "forbidden", "these credentials may not do this.*docs/gcp.md"),
        (400, "invalid", "a bad day"),
    ],
)
def test_refusals_in_words(project: GcpProject, status: int, reason: str, words: str) -> None:
    project.api.refusals.append(("GET", BAKE, Refused(status, reason, "a bad day")))
    with pytest.raises(BakeryError, match=words):
        Gcp(target(project), "test").find(BAKE)


@pytest.mark.parametrize(
    ("status", "reason"), [(503, "backendError"), (429, "tooMany"), (403, "rateLimitExceeded")]
)
def test_what_passes_is_asked_again(project: GcpProject, status: int, reason: str) -> None:
    message = f"{reason}: slow down"
    project.api.refusals.append(("GET", BAKE, Refused(status, reason, message)))
    assert Gcp(target(project), "test").find(BAKE) is None


def test_quota_of_requests_passes(project: GcpProject) -> None:
    message = "Quota exceeded for quota metric 'Read requests'"
    project.api.refusals.append(("GET", BAKE, Refused(403, "rateLimitExceeded", message)))
    assert Gcp(target(project), "test").find(BAKE) is None


def test_no_answer(project: GcpProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE", 0)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(BakeryError, match="Google does not answer"):
        Gcp(target(project, endpoint=address), "test").find(BAKE)


class Unknown(Credentials):
    """What may be renewed, and helps nobody."""

    def refresh(self, request: object) -> None:
        self.token = "unknown"


def test_credentials_that_google_does_not_know(
    project: GcpProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "AnonymousCredentials", Unknown)
    project.api.refusals.extend([("GET", BAKE, Refused(401, "authError", "nobody"))] * 3)
    with pytest.raises(BakeryError, match=r"Google does not know these credentials \(nobody\)"):
        Gcp(target(project), "test").find(BAKE)


def test_change_that_cannot_be_made(project: GcpProject) -> None:
    project.add_image(BAKE, labels={"dstack-bake": BAKE, "dstack-expires": ago()})
    project.api.failures.append(("delete", "INTERNAL_ERROR", "not today"))
    with pytest.raises(BakeryError, match="delete failed: INTERNAL_ERROR: not today"):
        Gcp(target(project), "test").sweep(BAKE, Progress())


def test_no_credentials(project: GcpProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(BakeryError, match="there are no credentials for Google Cloud"):
        Gcp(target(project, endpoint=None), "test")


# Publication


def admit(project: GcpProject, *, public: bool = False) -> None:
    work = PreflightJob(
        stack="test",
        names=[NAME],
        locations=[PROJECT],
        families=["dstack"],
        public=public,
        target=target(project),
    )
    GcpPublicationChecks(target(project)).preflight(work, Progress())


def test_everything_in_the_way_is_told_at_once(project: GcpProject) -> None:
    project.add_image(NAME)
    project.add_image("another", family="dstack", labels={"dstack-stack": "prod"})
    project.api.allowed_domains.append("C03xgje4y")
    with pytest.raises(BakeryError) as refused:
        admit(project, public=True)
    text = str(refused.value)
    assert f"the name {NAME} is taken by an image that belongs to no stack" in text
    assert "the family dstack has another, which belongs to the stack prod" in text
    assert "constraints/iam.allowedPolicyMemberDomains" in text


def test_nobody_is_told_to_delete_what_everyone_boots(project: GcpProject) -> None:
    """Releases made by hand are public and have no labels of a stack."""
    project.add_image(NAME)
    with pytest.raises(BakeryError, match="another release or prefix, or delete that image"):
        admit(project)
    binding = {"role": "roles/compute.imageUser", "members": ["allAuthenticatedUsers"]}
    project.api.policies[NAME] = {"bindings": [binding]}
    with pytest.raises(BakeryError, match="everyone can boot it") as refused:
        admit(project)
    assert "delete" not in str(refused.value)


def test_own_images_are_not_in_the_way(project: GcpProject) -> None:
    project.add_image(NAME, family="dstack", labels={"dstack-stack": "test"})
    admit(project, public=True)


def clear(project: GcpProject, *, kept: bool = False) -> None:
    work = RemoveOrphanJob(
        stack="test",
        bake=BAKE,
        standing="current",
        name=NAME,
        location=PROJECT,
        protect=kept,
        target=target(project),
    )
    GcpPublicationChecks(target(project)).remove_orphan(work, Progress())


def test_only_the_very_same_is_cleared(project: GcpProject) -> None:
    project.add_image(NAME, labels={"dstack-stack": "test", "dstack-bake": BAKE})
    with pytest.raises(BakeryError, match=f"{BAKE} is gone from the store"):
        clear(project)
    project.add_image(BAKE)
    clear(project)
    assert set(project.images()) == {BAKE}
    clear(project)
    project.add_image(NAME, labels={"dstack-stack": "test", "dstack-bake": "other"})
    with pytest.raises(BakeryError, match="taken by an image of the stack test, made of other"):
        clear(project)


def test_public_image_of_a_kept_stack_is_not_cleared(project: GcpProject) -> None:
    project.add_image(NAME, labels={"dstack-stack": "test", "dstack-bake": BAKE})
    project.add_image(BAKE)
    binding = {"role": "roles/compute.imageUser", "members": ["allAuthenticatedUsers"]}
    project.api.policies[NAME] = {"bindings": [binding]}
    with pytest.raises(BakeryError, match="is public, but the stack's state does not") as refused:
        clear(project, kept=True)
    assert "delete" not in str(refused.value)
    assert NAME in project.images()


def test_confirmation_notices_what_was_lost(
    project: GcpProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)
    project.add_image(BAKE)
    features: list[dict[str, str]] = [{"type": "GVNIC"}]
    labels = {"dstack-stack": "test", "dstack-bake": BAKE}
    project.add_image(NAME, labels=labels, guestOsFeatures=features)
    work = CheckPublishedJob(
        stack="test",
        bake=BAKE,
        name=NAME,
        public=False,
        standing="current",
        ids={PROJECT: project.images()[NAME]["selfLink"]},
        target=target(project),
    )
    publisher = GcpPublicationChecks(target(project))
    with pytest.raises(BakeryError, match="has lost UEFI_COMPATIBLE, VIRTIO_SCSI_MULTIQUEUE"):
        publisher.check_published(work, Progress())
    project.images()[NAME]["guestOsFeatures"] = project.images()[BAKE]["guestOsFeatures"]
    found = publisher.check_published(work, Progress()).found
    assert found == {PROJECT: project.images()[NAME]["id"]}
    with pytest.raises(BakeryError, match="is private, which it should not be"):
        publisher.check_published(work.model_copy(update={"public": True}), Progress())
