"""The committed stacks as they are, with all of their clouds at once."""

from pathlib import Path

import pytest

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.committed_staging import settle_staging
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import all_unchanged
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine


def test_staging_has_every_image_of_every_cloud(
    tmp_path: Path,
    aws: AwsWorld,
    azure: AzureWorld,
    gcp: GcpWorld,
    oci: OciWorld,
    warm: WarmPython,
) -> None:
    stack = CloudStack.open(tmp_path, aws, warm)
    clouds = settle_staging(stack, aws, azure, gcp, oci)["dstack-images:clouds"]
    stack.configure(clouds=clouds)
    places = missing_places_where_only_aws_is_reached(stack, azure, gcp, oci)
    assert stack.runs() == (2, 2)
    stack.up()
    found = {(one["cloud"], place) for one in stack.pulumi.images() for place in one["found"]}
    assert {one for one in found if one[0] != "aws"} == places
    outputs = stack.pulumi.outputs()
    assert {cloud: set(found) for cloud, found in outputs["images"].items()} == {
        cloud: set(section["variants"]) for cloud, section in clouds.items()
    }
    names = {image["name"] for image in stack.pulumi.images()}
    wanted = ("stgn-0-dstack-0.14", "stgn-0-dstack-cuda-0.14")
    worlds = (aws, azure, gcp, oci)
    assert names == {world.name(name) for world in worlds for name in wanted}
    assert stack.runs() == (8, 8)
    assert all_unchanged(stack.up())


def missing_places_where_only_aws_is_reached(
    stack: CloudStack, *worlds: AzureWorld | GcpWorld | OciWorld
) -> set[tuple[str, str]]:
    """Cloud and place of what the contract then says is missing."""
    own = dict(stack.pulumi.env)
    trusted = {name: own[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}
    for world in worlds:
        stack.pulumi.env.update({**world.broken_env("expired"), **trusted})
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert "not reached: azure, gcp, oci" in failed.output
    for world in worlds:
        assert world.credentials_words["expired"] in failed.output
        assert world.published() == {}
    stack.pulumi.env.clear()
    stack.pulumi.env.update(own)
    return {
        (image["cloud"], one["place"])
        for image in stack.pulumi.images()
        for one in image["missing"]
        if one["reason"] == f"{image['cloud']} was not reached"
    }
