"""The simulated Oracle Cloud, asked by Oracle's own library."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import oci
import pytest
import requests

from tests.simulators.oci.buckets import NAMESPACE
from tests.simulators.oci.server import OTHER_FINGERPRINT, OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME, TENANCY

pytestmark = pytest.mark.unit

MILAN = "eu-milan-1"


@pytest.fixture(scope="module")
def server() -> Iterator[OciTenancy]:
    with OciTenancy() as found:
        yield found


@pytest.fixture
def tenancy(server: OciTenancy, monkeypatch: pytest.MonkeyPatch) -> OciTenancy:
    server.reset()
    for name, value in server.env().items():
        monkeypatch.setenv(name, value)
    return server


def client(kind: Any, tenancy: OciTenancy, **changes: str) -> Any:
    config = oci.config.from_file(str(tenancy.config_file(**changes)))
    never = oci.retry.NoneRetryStrategy()
    return kind(
        config,
        retry_strategy=never,
        circuit_breaker_strategy=oci.circuit_breaker.NoCircuitBreakerStrategy(),
    )


def compute(tenancy: OciTenancy, **changes: str) -> Any:
    return client(oci.core.ComputeClient, tenancy, **changes)


def refusal(call: Any, *args: Any, **more: Any) -> tuple[int, str]:
    with pytest.raises(oci.exceptions.ServiceError) as told:
        call(*args, **more)
    return told.value.status, told.value.code


def test_first_page_is_empty_and_oracles_own_images_are_among_ours(tenancy: OciTenancy) -> None:
    images = tenancy.api.region(HOME).images
    for _ in range(2):
        images.add("twice", COMPARTMENT)
    found = compute(tenancy).list_images(COMPARTMENT)
    assert (found.data, found.has_next_page) == ([], True)
    every = oci.pagination.list_call_get_all_results(compute(tenancy).list_images, COMPARTMENT)
    names = [(one.display_name, one.compartment_id) for one in every.data]
    assert len(names) == 5
    assert names[:2] == [("twice", COMPARTMENT)] * 2
    assert names[2][1] is None


def test_signatures_are_of_a_key_that_the_user_has(tenancy: OciTenancy) -> None:
    assert compute(tenancy, fingerprint=OTHER_FINGERPRINT).list_images(COMPARTMENT).status == 200
    unknown = ":".join(["0c"] * 16)
    listed = compute(tenancy, fingerprint=unknown).list_images
    assert refusal(listed, COMPARTMENT) == (401, "NotAuthenticated")
    answer = requests.get(f"https://iaas.{HOME}.oraclecloud.com/20160918/images?compartmentId=x")
    assert answer.status_code == 401
    assert "no signature" in answer.json()["message"]


def test_body_is_signed_and_its_fields_are_known(tenancy: OciTenancy) -> None:
    asked = requests.Request("POST", f"https://iaas.{HOME}.oraclecloud.com/20160918/images")
    config = oci.config.from_file(str(tenancy.config_file()))
    signer = oci.signer.Signer.from_config(config)
    asked.json = {"nonsense": 1}
    session = requests.Session()
    signed = session.prepare_request(asked)
    signed = signer(signed)
    good = session.send(signed, verify=tenancy.ca_file, proxies=_proxies(tenancy))
    assert (good.status_code, "nonsense" in good.json()["message"]) == (400, True)
    signed.body = b'{"nonsense": 2}'
    bad = session.send(signed, verify=tenancy.ca_file, proxies=_proxies(tenancy))
    assert (bad.status_code, "another than" in bad.json()["message"]) == (401, True)


def _proxies(tenancy: OciTenancy) -> dict[str, str]:
    return {"https": tenancy.proxy.env["HTTPS_PROXY"]}


def test_image_goes_from_region_to_region(tenancy: OciTenancy) -> None:
    api = tenancy.api
    image = api.region(HOME).images.add("content", COMPARTMENT)
    store = client(oci.object_storage.ObjectStorageClient, tenancy)
    for region in (HOME, MILAN):
        there = client(oci.object_storage.ObjectStorageClient, tenancy, region=region)
        bucket = {"name": "b", "compartmentId": COMPARTMENT}
        there.create_bucket(NAMESPACE, bucket)
    destination = oci.core.models.ExportImageViaObjectStorageTupleDetails(
        namespace_name=NAMESPACE, bucket_name="b", object_name="exports/x.oci"
    )
    home = compute(tenancy)
    work = home.export_image(image["id"], destination).headers["opc-work-request-id"]
    assert home.get_image(image["id"]).data.lifecycle_state == "EXPORTING"
    assert refusal(home.delete_image, image["id"]) == (409, "Conflict")
    requested = client(oci.work_requests.WorkRequestClient, tenancy).get_work_request
    assert [requested(work).data.status for _ in range(2)] == ["IN_PROGRESS", "SUCCEEDED"]
    copied = store.copy_object(
        NAMESPACE,
        "b",
        oci.object_storage.models.CopyObjectDetails(
            source_object_name="exports/x.oci",
            destination_region=MILAN,
            destination_namespace=NAMESPACE,
            destination_bucket="b",
            destination_object_name="exports/x.oci",
        ),
    ).headers["opc-work-request-id"]
    assert [store.get_work_request(copied).data.status for _ in range(2)][1] == "COMPLETED"
    milan = compute(tenancy, region=MILAN)
    imported = milan.create_image(
        oci.core.models.CreateImageDetails(
            compartment_id=COMPARTMENT,
            display_name="named",
            image_source_details=oci.core.models.ImageSourceViaObjectStorageTupleDetails(
                namespace_name=NAMESPACE, bucket_name="b", object_name="exports/x.oci"
            ),
        )
    )
    assert imported.data.lifecycle_state == "IMPORTING"
    there = client(oci.work_requests.WorkRequestClient, tenancy, region=MILAN)
    for _ in range(2):
        there.get_work_request(imported.headers["opc-work-request-id"])
    assert milan.get_image(imported.data.id).data.lifecycle_state == "AVAILABLE"
    assert [one["displayName"] for one in api.images(MILAN)] == ["named"]


def test_a_link_is_over_by_the_clock(tenancy: OciTenancy) -> None:
    store = client(oci.object_storage.ObjectStorageClient, tenancy)
    store.create_bucket(NAMESPACE, {"name": "b", "compartmentId": COMPARTMENT})
    store.put_object(NAMESPACE, "b", "records/x y.json", b"text")
    assert store.get_object(NAMESPACE, "b", "records/x y.json").data.text == "text"
    statuses = []
    for hours in (1, -1):
        when = datetime.now(UTC) + timedelta(hours=hours)
        asked = oci.object_storage.models.CreatePreauthenticatedRequestDetails(
            name="link", access_type="ObjectRead", object_name="records/x y.json", time_expires=when
        )
        link = store.create_preauthenticated_request(NAMESPACE, "b", asked).data
        statuses.append(requests.get(link.full_path).status_code)
    assert statuses == [200, 404]
    assert refusal(store.delete_bucket, NAMESPACE, "b") == (409, "BucketNotEmpty")


def test_reviews_end_when_a_test_says_so(tenancy: OciTenancy) -> None:
    region = tenancy.api.region(HOME)
    image = region.images.add("content", COMPARTMENT)
    market = client(oci.marketplace.MarketplaceClient, tenancy)
    models = oci.marketplace.models
    made = market.create_publication(
        models.CreatePublicationDetails(
            listing_type="COMMUNITY",
            name="dstack-0.14",
            short_description="an image",
            support_contacts=[models.SupportContact(name="dstack")],
            compartment_id=COMPARTMENT,
            is_agreement_acknowledged=True,
            package_details=models.CreateImagePublicationPackage(
                package_type="IMAGE",
                package_version="0.14",
                operating_system=models.OperatingSystem(name="Ubuntu 24.04"),
                eula=[models.TextBasedEula(license_text="as it is")],
                image_id=image["id"],
            ),
        )
    ).data
    assert made.lifecycle_state == "CREATING"
    listed = oci.pagination.list_call_get_all_results
    names = {"name": ["dstack-0.1"], "listing_types": ["COMMUNITY"]}
    assert listed(market.list_listings, **names).data == []
    region.market.approve("dstack-0.14")
    assert market.get_publication(made.id).data.lifecycle_state == "ACTIVE"
    (found,) = listed(market.list_listings, **names).data
    assert found.name == "dstack-0.14", "the match is inexact"
    package = market.get_package(
        found.id, market.get_listing(found.id).data.default_package_version
    )
    assert package.data.image_id == image["id"]
    assert refusal(compute(tenancy).delete_image, image["id"]) == (409, "Conflict")


def test_what_a_tenancy_is(tenancy: OciTenancy) -> None:
    identity = client(oci.identity.IdentityClient, tenancy)
    domains = identity.list_availability_domains(TENANCY).data
    assert domains[0].name == "kZql:EU-FRANKFURT-1-AD-1"
    homes = [one.region_name for one in identity.list_region_subscriptions(TENANCY).data]
    assert homes[0] == HOME
    limits = client(oci.limits.LimitsClient, tenancy)
    room = limits.get_resource_availability("compute", "custom-image-count", TENANCY).data
    assert room.available == 100
    tenancy.api.subscribed.remove(MILAN)
    listed = compute(tenancy, region=MILAN).list_images
    assert refusal(listed, COMPARTMENT) == (401, "NotAuthenticated")
