"""What bakes and what does not, in every cloud: the literal commands, Packer's runs counted."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloud_stack import CloudStack
from literal_pulumi import all_unchanged
from local_stack import changes
from world import World

pytestmark = pytest.mark.engine

#: Elsewhere images are global.
WITH_REGIONS = pytest.mark.parametrize("world", ["aws"], indirect=True)


@pytest.fixture
def staging(tmp_path: Path, world: World) -> CloudStack:
    """The stack with one variant, up."""
    stack = CloudStack.open(tmp_path, world)
    stack.configure_cloud(variants=["cpu"])
    stack.up()
    assert stack.runs() == (1, 1)
    return stack


def contract(stack: CloudStack) -> dict[str, Any]:
    return stack.pulumi.outputs()["contract"]


def by_variant(stack: CloudStack) -> dict[str, dict[str, Any]]:
    return {image["variant"]: image for image in contract(stack)["images"]}


def test_from_nothing_to_servers_and_back(staging: CloudStack, world: World) -> None:
    """Second up, rotated credentials, other releases, destroy: nothing bakes, names come and go."""
    (place,) = world.published()
    assert world.published() == {place: [world.name("stgn-1-dstack-0.14")]}
    assert not world.is_public(place, world.name("stgn-1-dstack-0.14"))
    image = contract(staging)["images"][0]
    assert image["name"] == world.name("stgn-1-dstack-0.14")
    assert image["verification"]["checks"]
    assert staging.pulumi.outputs()["server_env"] == {
        "DSTACK_VM_BASE_IMAGE_VERSION": "0.14",
        "DSTACK_VM_BASE_IMAGE_PREFIX": "stgn-1-",
    }

    staging.pulumi.env.update(world.other_env())
    assert all_unchanged(staging.up())

    staging.configure(releases=["0.14", "0.15"])
    staging.up()
    both = [world.name(f"stgn-1-dstack-{release}") for release in ("0.14", "0.15")]
    assert world.published() == {place: both}
    assert contract(staging)["version"] == "0.15"
    staging.configure(releases=["0.15"])
    staging.up()
    assert world.published() == {place: both[1:]}

    staging.pulumi.destroy()
    assert world.published() == {}
    assert len(world.bakes()) == 1, "content outlives stacks"
    assert staging.runs() == (1, 1)


def test_preview_works_with_nothing_there(tmp_path: Path, world: World) -> None:
    stack = CloudStack.open(tmp_path, world)
    planned = changes(stack.pulumi.preview("--json"))
    assert planned["create"] > 10
    assert stack.runs() == (0, 0)
    assert world.published() == {}


def test_changed_script_bakes_just_what_runs_it(tmp_path: Path, world: World) -> None:
    stack = CloudStack.open(tmp_path, world)
    stack.configure_cloud(variants=["cpu", "cuda"])
    stack.up()
    before = by_variant(stack)
    stack.edit("packer/provision/cuda.sh")
    stack.up()
    after = by_variant(stack)
    assert stack.runs() == (3, 3)
    assert (before["cpu"] == after["cpu"], before["cuda"] == after["cuda"]) == (True, False)
    assert {len(names) for names in world.published().values()} == {2}, "the old content went"


def test_prod_ships_what_staging_tested(staging: CloudStack, tmp_path: Path, world: World) -> None:
    """Not one bake or boot; public everywhere; never baked again; not to be destroyed."""
    prod = CloudStack.open(tmp_path, world, "prod", beside=staging)
    prod.configure_cloud(variants=["cpu"])
    prod.up()
    assert staging.runs() == (1, 1)
    mine, theirs = contract(prod)["images"][0], contract(staging)["images"][0]
    assert mine["content"] == theirs["content"]
    assert mine["name"] == world.name("dstack-0.14")
    places = [place for place, names in world.published().items() if mine["name"] in names]
    assert sorted(places) == sorted(world.prod_places)
    assert all(world.is_public(place, mine["name"]) for place in places)

    prod.edit("packer/provision/docker.sh")
    again = prod.up().output
    assert "this release is behind its sources" in again
    assert staging.runs() == (1, 1)
    assert contract(prod)["images"][0] == mine

    refused = prod.pulumi.destroy(check=False)
    assert refused.returncode != 0
    assert "protected" in refused.output
    assert sorted(places) == sorted(
        place for place, names in world.published().items() if mine["name"] in names
    )


@WITH_REGIONS
def test_added_region_bakes_nothing_and_touches_no_other(staging: CloudStack, world: World) -> None:
    assert world.another_place
    before = staging.images()["cpu"]
    staging.configure_cloud(regions=[*before, world.another_place])
    planned = staging.pulumi.preview("--json")
    steps = json.loads(planned.stdout)["steps"]
    made = {step["urn"].rpartition("::")[2] for step in steps if step["op"] == "create"}
    assert made
    assert all(world.another_place in name for name in made)
    looked = {step["urn"].rpartition("-")[2] for step in steps if "replace" in step["op"]}
    assert looked == {"admit", "confirm"}
    staging.up()
    assert staging.runs() == (1, 1)
    after = staging.images()["cpu"]
    assert set(after) == {*before, world.another_place}
    assert before.items() <= after.items()
