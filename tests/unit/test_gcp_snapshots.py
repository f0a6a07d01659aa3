"""What is sent to Google Cloud, in files that can be held against its REST reference."""

import json
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from bakery.adapter import RunFolders
from bakery.gcp.adapter import Gcp
from bakery.gcp.publication_checks import GcpPublicationChecks
from bakery.progress import Progress
from bakery.run_owner import run_owner
from components.bake import BakeArgs
from components.gcp import image as subject
from components.gcp.federation import Federation, FederationArgs
from components.gcp.image import GcpImage, GcpImageArgs
from components.gcp.network import Network, NetworkArgs
from images.job import CheckPublishedJob, PreflightJob, Published, RemoveOrphanJob
from tests.fakes.bake_jobs import OLD_PACKER
from tests.fakes.snapshots import PART_OF_RECORD, RECORD_KEY, compare, distinct
from tests.simulators.gcp.project import PROJECT, GcpProject
from tests.unit import test_gcp_bakery
from tests.unit.registered import Answers, Registered, registered
from tests.unit.test_gcp_bakery import BAKE, DIGEST, NAME, insert_machine, job, target
from tests.unit.test_gcp_prerequisites import GITHUB, baker, bucket, of_google
from tests.unit.unit_samples import PROJECT as CHECKOUT
from tests.unit.unit_samples import bake_record, local_images, stack_of, verification_record

pytestmark = pytest.mark.unit

server, project = test_gcp_bakery.server, test_gcp_bakery.project


# What Pulumi's provider is told


def made(found: Registered) -> dict[str, Any]:
    """Inputs of all resources of Google's, by type and name."""
    return {
        f"{one.options.type} {name.partition(' ')[2]}": json.loads(
            json.dumps(one.inputs), parse_float=lambda text: int(float(text))
        )
        for name, one in of_google(found).items()
    }


def test_prerequisites() -> None:
    network = NetworkArgs(name="dstack-images-staging", region="us-central1")
    github = FederationArgs(stack_of(), GITHUB, "account")
    compare("gcp/bucket.json", made(bucket(kept=False)))
    compare("gcp/bucket-kept.json", made(bucket(kept=True)))
    compare("gcp/network.json", made(registered(lambda opts: Network("n", network, opts).subnet)))
    compare("gcp/account.json", made(baker()))
    compare(
        "gcp/github.json",
        made(registered(lambda opts: Federation("github", github, opts).provider)),
    )


def test_published_name(project: GcpProject, monkeypatch: pytest.MonkeyPatch) -> None:
    record = bake_record(BAKE, DIGEST).model_copy(update={"features": ["GVNIC"]})

    class Baked(pulumi.ComponentResource):
        def __init__(self, name: str, *_: object) -> None:
            super().__init__("dstack-images:index:Bake", name)
            self.record = pulumi.Output.from_input(record)
            self.verification = pulumi.Output.from_input(verification_record(BAKE))

    answer = Answers.new_resource

    def new_resource(self: Answers, args: Any) -> tuple[str, dict[str, Any]]:
        id, outputs = answer(self, args)
        return id, {**outputs, "selfLink": f"link-to-{args.name}"}

    monkeypatch.setattr(Answers, "new_resource", new_resource)
    found = pulumi.Output.from_input(Published(name=NAME, found={PROJECT: "1"}))
    monkeypatch.setattr(subject, "Bake", Baked)
    monkeypatch.setattr(subject, "check_published", lambda *_: found)
    monkeypatch.setattr(subject, "orphan_hook", lambda *_: None)
    wanted = replace(local_images(CHECKOUT, visibility="public", immutable=True)[0], name=NAME)
    args = GcpImageArgs(
        bake=BakeArgs(wanted, target(project)),
        target=target(project),
        project=PROJECT,
        family="dstack",
        replacement=None,
        storage_location="us",
    )
    compare("gcp/public-image.json", made(registered(lambda o: GcpImage("cpu", args, o).image)))


# What the bakery asks


def asked(project: GcpProject) -> list[dict[str, Any]]:
    """Each request once, in the order of the first time."""
    found = [_plain(*request) for request in project.sent]
    project.sent.clear()
    return distinct(found)


def _plain(method: str, path: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
    """Returns the request without what differs each time or nobody can read."""
    asked = "&".join(f"{name}={query[name]}" for name in sorted(query) if name != "alt")
    text = re.sub(r"operations/[\w-]+", "operations/<operation>", f"{method} {path}?{asked}")
    return {"request": text.removesuffix("?"), **({"body": _body(body)} if body else {})}


def _body(body: bytes) -> Any:
    try:
        found = json.loads(body)
    except ValueError:
        return "<text>"
    for key in found.get("labels", {}):
        if RECORD_KEY.fullmatch(key):
            found["labels"][key] = PART_OF_RECORD
    if found.get("description", "").startswith("dstack-record "):
        found["description"] = "<record>"
    if "labelFingerprint" in found:
        found["labelFingerprint"] = "<fingerprint>"
    return found


def test_requests_of_a_bake(
    project: GcpProject, place: RunFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "somebody")
    there = target(project)
    adapter, work = Gcp(there, "test"), job(there)
    insert_machine(project, BAKE, run_owner(), **{"dstack-expires": "1"})
    project.add_image(BAKE, labels=project.api.instances[BAKE]["labels"])
    adapter.preflight(work, OLD_PACKER)
    adapter.sweep(BAKE, Progress())
    compare("gcp/requests-sweep.json", asked(project))
    project.add_image(BAKE, labels={"dstack-bake": BAKE, "dstack-expires": "1"})
    adapter.prepare(work, place, Progress())
    image = adapter.collect(work, place).image_id
    adapter.complete(work, place, bake_record(BAKE, DIGEST).model_copy(update={"image_id": image}))
    adapter.keep_verification(verification_record(BAKE))
    assert adapter.find(BAKE)
    compare("gcp/requests-record.json", asked(project))


def test_requests_of_a_publication(project: GcpProject) -> None:
    there = target(project)
    names: dict[str, Any] = {"stack": "test", "target": there}
    checks = GcpPublicationChecks(there)
    plan = PreflightJob(
        names=[NAME], locations=[PROJECT], families=["dstack"], public=True, **names
    )
    checks.preflight(plan, Progress())
    project.add_image(BAKE)
    project.add_image(NAME, labels={"dstack-stack": "test", "dstack-bake": BAKE})
    ids = {PROJECT: project.images()[NAME]["selfLink"]}
    retiring = CheckPublishedJob(
        bake=BAKE,
        name=NAME,
        public=False,
        standing="retiring",
        ids=ids,
        replacement="dstack-0-15",
        **names,
    )
    checks.check_published(retiring, Progress())
    orphan = RemoveOrphanJob(
        bake=BAKE, standing="current", name=NAME, location=PROJECT, protect=False, **names
    )
    checks.remove_orphan(orphan, Progress())
    compare("gcp/requests-publication.json", asked(project))
