"""What only Oracle Cloud has: imports in regions that fail by themselves, reviews that last."""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.oci_world import OciWorld
from tests.fakes.oci_jobs import BUCKET
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.simulators.oci.tenancy import REGIONS

pytestmark = pytest.mark.engine

NAME, MILAN = "stgn-0-dstack-0.14", "eu-milan-1"


@pytest.fixture
def staging(tmp_path: Path, oci: OciWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant, not up yet."""
    stack = CloudStack.open(tmp_path, oci, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


def objects(tenancy: OciTenancy, region: str) -> list[str]:
    """What the bucket has of exported images."""
    names = tenancy.api.region(region).store.bucket(BUCKET).objects
    return [name for name in names if name.endswith(".oci")]


def exports(tenancy: OciTenancy) -> int:
    return sum(one.path.endswith("/actions/export") for one in tenancy.api.sent)


def missing(stack: CloudStack) -> dict[str, str]:
    (image,) = stack.pulumi.images()
    return {each["place"]: each["reason"] for each in image["missing"]}


def test_export_without_its_object_and_one_import_of_seven(
    staging: CloudStack, oci: OciWorld, tenancy: OciTenancy
) -> None:
    staging.configure_cloud(regions=list(REGIONS))
    tenancy.api.faults.exports_without_object = True
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "that is how an export fails; run again" in failed.output
    assert oci.published() == {}

    tenancy.api.faults.exports_without_object = False
    tenancy.api.faults.imports_fail = {MILAN}
    changing = staging.pulumi.changing()
    failed = staging.pulumi.run("up", *changing, "--continue-on-error", check=False)
    assert failed.returncode != 0
    assert "the import has failed" in failed.output
    assert set(oci.published()) == set(REGIONS) - {MILAN}
    assert MILAN in missing(staging)
    assert staging.pulumi.outputs().get("version") is None
    assert len(objects(tenancy, MILAN)) == 1, "the copy serves the next try"

    tenancy.api.faults.imports_fail = set()
    staging.pulumi.refresh()
    staging.clouds.forget_calls()
    staging.up()
    assert oci.published() == {region: [NAME] for region in REGIONS}
    assert len(staging.clouds.calls("create", oci.publication)) == 1, "just what was missing"
    assert staging.runs() == (1, 1)
    assert exports(tenancy) == 2, "the one that failed, and one for all regions"
    assert [objects(tenancy, region) for region in REGIONS if region != HOME] == [[]] * 6
    assert len(objects(tenancy, HOME)) == 1


def test_release_in_review_is_never_complete(
    staging: CloudStack, oci: OciWorld, tenancy: OciTenancy
) -> None:
    listing = {"contactName": "dstack", "contactEmail": "hello@dstack.ai"}
    market = tenancy.api.region(HOME).market
    staging.configure(visibility="public")
    refused = staging.up(check=False)
    assert refused.returncode != 0
    assert "dstack-images:clouds.oci.listing: a public stack is listed" in refused.output
    staging.configure_cloud(listing=listing)

    told = staging.up().output
    assert f"{NAME} is not complete" in told
    assert missing(staging) == {HOME: "its listing is in review"}
    assert staging.pulumi.outputs().get("version") is None
    (publication,) = market.publications.values()
    assert publication["supportedOperatingSystems"] == [{"name": "Debian GNU/Linux 12 (bookworm)"}]

    market.approve(NAME)
    staging.up()
    assert missing(staging) == {}
    assert staging.pulumi.outputs()["version"] == "0.14"
    (image,) = staging.pulumi.images()
    found = image["place"]["regions"][HOME]["listing"]
    assert (found["review_state"], [found["listing_id"]]) == ("published", [*market.listings])

    market.reject(NAME)
    staging.up()
    assert missing(staging) == {HOME: "its listing is rejected"}
    staging.pulumi.destroy()
    assert [one["lifecycleState"] for one in market.publications.values()] == ["DELETED"]
    assert oci.published() == {}
