"""A public stack of Google Cloud that is protected: what a person does with it afterwards."""

from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.fakes.warm_python import WarmPython
from tests.simulators.gcp.api import A3MEGA_SOURCE
from tests.simulators.gcp.project import PROJECT, GcpProject

pytestmark = pytest.mark.engine

NAME = "dstack-0-14"
BINDING = "gcp:projects/iAMMember:IAMMember"


@pytest.fixture
def prod(tmp_path: Path, gcp: GcpWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant and its workflow's account, up."""
    stack = CloudStack.open(tmp_path, gcp, warm, "prod")
    stack.configure_cloud(variants={"cpu": {}})
    stack.up()
    return stack


def reach(prod: CloudStack) -> str:
    """The condition of what the account may change."""
    (found,) = (
        one["inputs"]["condition"]["expression"]
        for one in prod.pulumi.resources(BINDING)
        if one["urn"].endswith("-change")
    )
    return found


def test_zone_names_and_repository_change(
    prod: CloudStack, project: GcpProject, gcp: GcpWorld
) -> None:
    """A zone without machines is left for another one; the repository is renamed."""
    before = reach(prod)
    prod.configure_cloud(zone="us-east1-b")
    prod.up()
    assert reach(prod) == before, "what may be done with machines is no zone's"

    project.add_image(A3MEGA_SOURCE)
    a3mega = {"source": A3MEGA_SOURCE, "diskGb": 100, "names": {"0.14": "big-a3"}}
    prod.configure_cloud(
        variants={"cpu": {}, "a3mega": a3mega},
        github={"repository": "dstackai/images", "environment": "production"},
    )
    prod.up()
    assert gcp.published() == {PROJECT: sorted([A3MEGA_SOURCE, "big-a3", NAME])}
    assert "/global/images/big-a3" in reach(prod)
    (member,) = prod.pulumi.resources("gcp:serviceaccount/iAMMember:IAMMember")
    assert member["inputs"]["member"].endswith("/attribute.repository/dstackai/images")
    assert prod.runs() == (2, 2)


def test_published_image_of_a_lost_state_is_taken_over(
    prod: CloudStack, project: GcpProject, gcp: GcpWorld
) -> None:
    before = dict(project.images()[NAME])
    (image,) = prod.pulumi.resources(gcp.publication)
    lost = ("--force", "--target-dependents", "--yes", "--stack", "prod")
    prod.pulumi.run("state", "delete", image["urn"], *lost)
    refused = prod.up(check=False)
    assert refused.returncode != 0
    assert "the stack's state does not know it" in refused.output
    prod.pulumi.run(
        *("import", "--stack", "prod", "--yes", "--skip-preview", "--generate-code=false"),
        *(gcp.publication, image["urn"].rpartition("::")[2]),
        f"projects/{PROJECT}/global/images/{NAME}",
        *("--parent", f"image={image['parent']}"),
        *("--provider", f"project={image['provider'].rpartition('::')[0]}"),
    )
    prod.pulumi.preview()
    prod.up()
    after = project.images()[NAME]
    assert (after["id"], after["labels"]) == (before["id"], before["labels"])
    assert gcp.published() == {PROJECT: [NAME]}
    assert gcp.is_public(PROJECT, NAME)
    assert prod.runs() == (1, 1)
