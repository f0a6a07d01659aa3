"""Documents of bakes in each cloud's own kind of store, as day-2 commands read and keep them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bakery.adapter import RunFolders
from bakery.oci import clients
from bakery.oci.adapter import Oci
from bakery.oci.bucket import Bucket
from bakery.oci.records import keep_record
from bakery.records.documents import Document, packages_key, record_document
from images.errors import UserError
from images.oci import OciPlace, OciRegion
from images.record import BakeRecord
from images.storage import azure_account
from ops.__main__ import main
from ops.clouds import operations_of
from ops.stacks import settings_of
from tests.fakes.azure_jobs import GROUP, add_account
from tests.fakes.contracts import contract_json, image
from tests.fakes.handed_out import PACKAGES
from tests.fakes.oci_jobs import BUCKET as OCI_BUCKET
from tests.fakes.oci_jobs import add_image, job, target
from tests.fakes.stack_files import write_stack
from tests.simulators.azure.shapes import SUBSCRIPTION, TENANT
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit import bakes_in_clouds, oci_tenancy
from tests.unit.unit_samples import CLOUDS, bake_record

pytestmark = pytest.mark.unit

folder = bakes_in_clouds.folder
server, tenancy = oci_tenancy.server, oci_tenancy.tenancy
BAKE = "dstack-bake-cpu-0123456789ab"
DOCUMENT = Document(
    f"sboms/{BAKE}.spdx.json.gz", b"\x1f\x8b\x08 a document\xff\x00", "application/gzip"
)


def test_documents_in_azure(
    subscription: AzureSubscription, folder: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    write_stack(folder, "prod", {"azure": {"endpoint": subscription.address, "packerGroup": GROUP}})
    add_account(subscription, azure_account("prod", SUBSCRIPTION))
    round_trip("azure")


def test_documents_in_google_cloud(folder: Path) -> None:
    with GcpProject() as project:
        write_stack(folder, "prod", {"gcp": {"endpoint": project.address}})
        name = f"dstack-images-prod-{CLOUDS['gcp']['project']}"
        project.api.buckets[name] = {"objects": {}}
        round_trip("gcp")


def test_documents_in_oracle_cloud(folder: Path, tenancy: OciTenancy) -> None:
    write_stack(folder, "prod", {"oci": {"bucket": OCI_BUCKET, "compartment": COMPARTMENT}})
    bucket = Bucket(clients.access(), HOME, COMPARTMENT, OCI_BUCKET)
    bucket.make()
    bucket.put(DOCUMENT)
    place = operations_of(settings_of("prod"), "oci").documents("prod")
    assert place.get(DOCUMENT.key) == DOCUMENT.body
    with pytest.raises(UserError, match="the record stays as it is"):
        place.put(DOCUMENT)


def test_record_in_oracle_cloud_is_the_one_that_its_image_names(
    folder: Path, tenancy: OciTenancy, place: RunFolders
) -> None:
    write_stack(folder, "prod", {"oci": {"bucket": OCI_BUCKET, "compartment": COMPARTMENT}})
    work = job(target())
    id = add_image(tenancy, BAKE, dstack_bake=BAKE)["id"]
    record = bake_record(BAKE).model_copy(update={"image_id": id})
    Oci(target(), "prod").complete(work, place, record)
    found = operations_of(settings_of("prod"), "oci").documents("prod").get(f"records/{BAKE}.json")
    assert found
    assert BakeRecord.model_validate_json(found).image_id == id


def test_oracle_clouds_records_stay_as_they_are(
    folder: Path, tenancy: OciTenancy, capsys: pytest.CaptureFixture[str]
) -> None:
    """An image names its record by checksum: nothing is put beside one that cannot name it."""
    write_stack(folder, "prod", {"oci": {"bucket": OCI_BUCKET, "compartment": COMPARTMENT}})
    bucket = Bucket(clients.access(), HOME, COMPARTMENT, OCI_BUCKET)
    bucket.make()
    record = bake_record(BAKE).model_copy(update={"sbom": None})
    checksum = keep_record(bucket, BAKE, record_document(record))
    bucket.put(Document(packages_key(BAKE), PACKAGES.encode()))
    add_image(tenancy, BAKE, dstack_bake=BAKE, dstack_record=checksum)
    there = {HOME: OciRegion(image_id="ocid1.image.1", listing=None)}
    place = OciPlace(compartment_id=COMPARTMENT, regions=there)
    contract = contract_json(image("dstack-0.15", place, bake=BAKE, sbom=None))
    Path("contract.json").write_text(contract)
    before = set(bucket.keys(""))
    assert main(["fetch", "contract.json", "-s", "prod", "--out", "out", "--keep", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == []
    (why,) = told["not_kept"]
    assert f"the bill of materials of {BAKE} in oci: " in why
    assert "stays as it is" in why
    assert {file.name for file in Path("out").iterdir()} == {f"{BAKE}.json", f"{BAKE}.spdx.json.gz"}
    assert set(bucket.keys("")) == before


def test_documents_of_this_machine(folder: Path) -> None:
    write_stack(folder, "prod", {"local": {}})
    (folder / "home" / "store" / BAKE).mkdir(parents=True)
    round_trip("local")


def round_trip(cloud: Any) -> None:
    """Bytes that are no text come back as they were."""
    place = operations_of(settings_of("prod"), cloud).documents("prod")
    assert place.get(DOCUMENT.key) is None
    place.put(DOCUMENT)
    assert place.get(DOCUMENT.key) == DOCUMENT.body
