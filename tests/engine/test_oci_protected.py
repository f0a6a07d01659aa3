"""A public stack of Oracle Cloud that is protected: what a person does with it afterwards."""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.oci_world import OciWorld
from tests.engine.test_oci_stack import missing
from tests.fakes.warm_python import WarmPython
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME

pytestmark = pytest.mark.engine

NAME, MILAN = "dstack-0.14", "eu-milan-1"


@pytest.fixture
def prod(tmp_path: Path, oci: OciWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant in its home region, up and listed."""
    stack = CloudStack.open(tmp_path, oci, warm, "prod")
    stack.configure_cloud(variants={"cpu": {}}, regions=[HOME])
    stack.up()
    oci.tenancy.api.region(HOME).market.approve(NAME)
    return stack


def test_region_is_added_beside_what_is_listed(
    prod: CloudStack, oci: OciWorld, tenancy: OciTenancy
) -> None:
    market = tenancy.api.region(HOME).market
    listed = [dict(one) for one in market.publications.values()]
    prod.configure_cloud(regions=[HOME, MILAN])
    prod.pulumi.preview()
    prod.up()
    assert oci.published() == {HOME: [NAME], MILAN: [NAME]}
    assert oci.is_public(MILAN, NAME)
    assert [*market.publications.values()] == listed, "servers find it all the while"

    # Somebody deletes a publication by hand.
    del tenancy.api.region(MILAN).market.publications[
        prod.pulumi.images()[0]["place"]["regions"][MILAN]["listing"]["publication_id"]
    ]
    told = prod.up().output
    assert f"{NAME} is not complete" in told
    assert missing(prod) == {MILAN: "its listing is gone"}
    (command,) = (
        one["urn"]
        for one in prod.pulumi.resources("command:local:Command")
        if one["urn"].endswith(f"-listings-{MILAN}")
    )
    prod.pulumi.run("state", "unprotect", command, "--yes", "--stack", "prod")
    prod.pulumi.up("--replace", command)
    assert missing(prod) == {MILAN: "its listing is in review"}
    assert [*market.publications.values()] == listed


def test_servers_are_told_of_a_release_while_oracle_reviews_what_is_new(
    prod: CloudStack, tenancy: OciTenancy
) -> None:
    """A region more, and a release that retires in the change that brings the next one."""

    def told() -> tuple[str | None, dict[str, tuple[str, bool]]]:
        outputs = prod.pulumi.outputs()
        env = outputs["server_env"] or {}
        assert outputs["version"] == env.get("DSTACK_VM_BASE_IMAGE_VERSION")
        return outputs["version"], {
            one["version"]: (one["state"], one["complete"])
            for one in outputs["contract"]["releases"]
        }

    prod.up()
    assert told() == ("0.14", {"0.14": ("live", True)})
    prod.configure_cloud(regions=[HOME, MILAN])
    prod.up()
    assert told() == ("0.14", {"0.14": ("live", False)})
    prod.configure(releases=["0.14", "0.15"], retiring={"0.14": "2099-03-31"})
    prod.up()
    prod.up()
    assert told() == ("0.14", {"0.14": ("retiring", False), "0.15": ("live", False)})
    for region in (HOME, MILAN):
        tenancy.api.region(region).market.approve("dstack-0.15")
    prod.up()
    assert told() == ("0.15", {"0.14": ("retiring", False), "0.15": ("live", True)})


def test_published_image_of_a_lost_state_is_taken_over(prod: CloudStack, oci: OciWorld) -> None:
    before = prod.pulumi.images()[0]["place"]["regions"][HOME]
    (image,) = prod.pulumi.resources(oci.publication)
    lost = ("--force", "--target-dependents", "--yes", "--stack", "prod")
    prod.pulumi.run("state", "delete", image["urn"], *lost)
    refused = prod.up(check=False)
    assert refused.returncode != 0
    assert f"{NAME} is published, but the stack's state does not know it" in refused.output
    prod.pulumi.run(
        *("import", "--stack", "prod", "--yes", "--skip-preview", "--generate-code=false"),
        *(oci.publication, image["urn"].rpartition("::")[2], before["image_id"]),
        *("--parent", f"image={image['parent']}"),
        *("--provider", f"region={image['provider'].rpartition('::')[0]}"),
    )
    prod.pulumi.preview()
    prod.up()
    after = prod.pulumi.images()[0]["place"]["regions"][HOME]
    assert after["image_id"] == before["image_id"]
    assert after["listing"]["publication_id"] == before["listing"]["publication_id"]
    assert oci.published() == {HOME: [NAME]}
