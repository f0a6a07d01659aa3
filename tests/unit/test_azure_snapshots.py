"""What is sent to Azure, in files that can be held against its REST reference."""

import json
import re
from typing import Any

import pulumi
import pytest

from bakery.adapter import RunFolders
from bakery.azure import replication
from bakery.azure.adapter import Azure
from bakery.azure.gallery_access import close_gallery, open_gallery
from bakery.azure.publication_checks import AzurePublicationChecks
from bakery.progress import Progress
from components.azure.gallery import Gallery, GalleryArgs
from components.azure.managed_image import ManagedImage
from components.azure.ownership import Ownership
from config.azure import Community
from images.job import CheckPublishedJob, GalleryJob, OpenGallery, PreflightJob, RemoveOrphanJob
from images.naming import snapshot_name
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP, job, target
from tests.fakes.bake_jobs import BAKE, DIGEST, OLD_PACKER
from tests.fakes.snapshots import PART_OF_RECORD, RECORD_KEY, compare, distinct
from tests.simulators.azure.shapes import SUBSCRIPTION as SUBSCRIPTION_ID
from tests.simulators.azure.shapes import Request
from tests.simulators.azure.subscription import (
    LOCATION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.unit.registered import Answers, Registered, registered
from tests.unit.test_azure_bakery import tags
from tests.unit.test_azure_images import SUBSCRIPTION, named, public_image
from tests.unit.test_azure_prerequisites import baker, group, records
from tests.unit.test_azure_publication_checks import NAME, NUMBER, OURS, add_version, define
from tests.unit.unit_samples import bake_record, stack_of, verification_record

pytestmark = pytest.mark.unit

# What Pulumi's providers are told

NAMES = ("galleryImageName", "containerName", "accountName", "resourceGroupName")


def made(found: Registered) -> dict[str, Any]:
    """Inputs of all resources of Azure, by type and name."""
    return {
        f"{one.options.type} {name.partition(' ')[2]}": json.loads(
            json.dumps(one.inputs), parse_float=lambda text: int(float(text))
        )
        for name, one in found.found.items()
        if one.options.type.startswith(("azure-native:", "azuread:"))
    }


def gallery() -> Registered:
    community = Community(
        prefix="images",
        publisher="https://dstack.ai",
        contact="hello@dstack.ai",
        eula="https://dstack.ai/terms",
    )

    def make(opts: pulumi.ResourceOptions) -> pulumi.Output[Any]:
        args = GalleryArgs(
            stack=stack_of(),
            claim=Ownership("images", LOCATION),
            group="names",
            location=LOCATION,
            community=community,
            target=target(SUBSCRIPTION, gallery="images"),
        )
        return Gallery("azure-gallery", args, opts).public_name

    return registered(make)


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made has its name; the gallery is open, and its version held back."""
    answer = Answers.new_resource

    def new_resource(self: Answers, args: Any) -> tuple[str, dict[str, Any]]:
        id, outputs = answer(self, args)
        names = [args.inputs[one] for one in NAMES if one in args.inputs]
        stdout = OpenGallery(public_name="images-1").model_dump_json()
        return id, {**outputs, "stdout": stdout, **({"name": names[0]} if names else {})}

    def call(self: Answers, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {"publishingProfile": {"excludeFromLatest": True}}

    monkeypatch.setattr(Answers, "new_resource", new_resource)
    monkeypatch.setattr(Answers, "call", call)


def test_prerequisites(answering: None) -> None:
    compare("azure/group.json", made(group(Ownership("packer", "eastus"))))
    compare("azure/records.json", made(records("00000000-0000-4000-8000-000000000001")))
    compare("azure/principal-private.json", made(baker(days=90)))
    compare("azure/principal-public-kept.json", made(baker(public=True, kept=True)))
    compare("azure/gallery.json", made(gallery()))


def test_published_names(answering: None) -> None:
    private = registered(lambda opts: ManagedImage("azure", named(), opts).id)
    compare("azure/private-image.json", made(private))
    compare("azure/public-image.json", made(public_image(LOCATION, "eastus")))


# What the bakery asks


def asked(subscription: AzureSubscription) -> list[dict[str, Any]]:
    """Each request once, in the order of the first time."""
    found = [_plain(request) for request in subscription.api.sent]
    subscription.api.sent.clear()
    return distinct(found)


def _plain(request: Request) -> dict[str, Any]:
    """Returns the request without what differs each time or nobody can read."""
    body = _body(request)
    query = "&".join(f"{name}={request.query[name]}" for name in sorted(request.query))
    asked = f"{request.method} {request.path}?{query}".removesuffix("?")
    asked = re.sub(r"operation-[0-9]+", "<operation>", asked)
    asked = asked.replace(SUBSCRIPTION_ID, "<subscription>")
    return {"request": asked, **({"body": body} if body else {})}


def _body(request: Request) -> Any:
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        return "<text>" if request.body else None
    body = request.json()
    for key in body.get("tags", {}):
        if RECORD_KEY.fullmatch(key):
            body["tags"][key] = PART_OF_RECORD
    return body


def test_requests_of_a_bake(subscription: AzureSubscription, place: RunFolders) -> None:
    there = target(subscription)
    adapter, work = Azure(there, "test", Progress()), job(there)
    subscription.add_machine(BUILD_GROUP, "left", tags(), disk="left-os")
    subscription.add_image(GROUP, BAKE, **tags())
    subscription.add_snapshot(GROUP, snapshot_name(BAKE), **tags())
    adapter.preflight(work, OLD_PACKER)
    adapter.sweep(BAKE, Progress())
    compare("azure/requests-sweep.json", asked(subscription))
    subscription.add_image(GROUP, BAKE, **tags(of="d", expires="1"))
    subscription.add_snapshot(GROUP, snapshot_name(BAKE), **tags(of="d", expires="1"))
    adapter.prepare(work, place, Progress())
    made = adapter.collect(work, place).image_id
    adapter.complete(work, place, bake_record(BAKE, DIGEST).model_copy(update={"image_id": made}))
    adapter.keep_verification(verification_record(BAKE))
    assert adapter.find(BAKE)
    compare("azure/requests-record.json", asked(subscription))


def test_requests_of_a_publication(
    subscription: AzureSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replication, "_REPLICATION_PAUSE", 0.05)
    there = target(subscription, gallery=PUBLISHED_GALLERY)
    publisher, adopted = (
        AzurePublicationChecks(there, Progress()),
        GalleryJob(adopted=True, target=there),
    )
    names: dict[str, Any] = {"stack": "test", "target": there}
    plan = PreflightJob(names=[NAME], locations=[PUBLISHED_GROUP], public=True, **names)
    publisher.preflight(plan, Progress())
    open_gallery(adopted, Progress())
    define(subscription, **OURS)
    subscription.api.fail_replication("northeurope")
    id = add_version(subscription, LOCATION, "northeurope")
    subscription.api.fail_replication()
    ids = {PUBLISHED_GALLERY: id}
    work = CheckPublishedJob(
        bake=BAKE, name=NAME, public=True, standing="current", ids=ids, replacement=None, **names
    )
    publisher.check_published(work, Progress())
    for where in (f"{PUBLISHED_GALLERY}/{NUMBER}", PUBLISHED_GALLERY):
        clear = RemoveOrphanJob(
            bake=BAKE, standing="current", name=NAME, location=where, protect=False, **names
        )
        publisher.remove_orphan(clear, Progress())
    close_gallery(adopted, Progress())
    compare("azure/requests-publication.json", asked(subscription))
