"""What bakes and what does not, in every cloud: the literal commands, Packer's runs counted."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.aws_world import AwsWorld
from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.engine.local_stack import changes
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

#: Elsewhere images are global.
WITH_REGIONS = pytest.mark.parametrize("world", ["aws"], indirect=True)


NAME = "stgn-0-dstack-0.14"


def contract(stack: CloudStack) -> dict[str, Any]:
    return stack.pulumi.outputs()["contract"]


def by_variant(stack: CloudStack) -> dict[str, dict[str, Any]]:
    return {image["variant"]: image for image in stack.pulumi.images()}


def test_from_nothing_to_servers_and_back(
    tmp_path: Path, world: CloudHarness, warm: WarmPython
) -> None:
    """Preview, bake, rotated credentials, releases, a changed script, prod, a loss, destroy."""
    staging = CloudStack.open(tmp_path, world, warm)
    planned = changes(staging.pulumi.preview("--json"))
    assert planned["create"] > 10
    assert staging.runs() == (0, 0)
    assert world.published() == {}

    staging.configure_cloud(variants={"cpu": {}, "cuda": {}})
    staging.up()
    assert staging.runs() == (2, 2)
    cpu, cuda = (world.name(f"stgn-0-{stem}-0.14") for stem in ("dstack", "dstack-cuda"))
    (place,) = world.published()
    assert world.published() == {place: [cuda, cpu] if cuda < cpu else [cpu, cuda]}
    assert not world.is_public(place, cpu)
    first = by_variant(staging)
    assert first["cpu"]["name"] == cpu
    assert first["cpu"]["verification"]["checks"]
    assert staging.pulumi.outputs()["server_env"] == {
        "DSTACK_VM_BASE_IMAGE_VERSION": "0.14",
        "DSTACK_VM_BASE_IMAGE_PREFIX": "stgn-0-",
    }

    staging.pulumi.env.update(world.other_env())
    assert all_unchanged(staging.up())
    # Somebody removes one by hand.
    world.remove(place, cpu)
    staging.pulumi.refresh()
    prod = prod_ships_what_staging_tested(staging, tmp_path, world, warm)

    staging.configure(releases=["0.14", "0.15"])
    staging.edit("packer/provision/cuda.sh")
    staging.up()
    assert staging.runs() == (3, 3), "just what runs the script"
    second = {image["name"]: image for image in staging.pulumi.images()}
    newer_cpu, newer_cuda = (name.replace("14", "15") for name in (cpu, cuda))
    assert set(ours(world, place)) == {cpu, cuda, newer_cpu, newer_cuda}
    assert contract(staging)["current"] == "0.15"
    assert second[cpu]["content"] == first["cpu"]["content"] == second[newer_cpu]["content"]
    assert second[cuda]["content"] == second[newer_cuda]["content"] != first["cuda"]["content"]
    staging.configure(releases=["0.15"])
    staging.up()
    assert set(ours(world, place)) == {newer_cpu, newer_cuda}

    staging.pulumi.destroy()
    assert ours(world, place) == []
    assert len(world.bakes()) == 3, "content outlives stacks"
    assert staging.runs() == (3, 3)
    assert prod.pulumi.images()[0]["name"] == world.name("dstack-0.14")


def ours(world: CloudHarness, place: str) -> list[str]:
    """What staging has published."""
    return [name for name in world.published().get(place, []) if name.startswith("stgn-0-")]


def prod_ships_what_staging_tested(
    staging: CloudStack, tmp_path: Path, world: CloudHarness, warm: WarmPython
) -> CloudStack:
    """Not one bake or boot; public everywhere; never baked again; not to be destroyed."""
    before = staging.runs()
    tested = by_variant(staging)["cpu"]["content"]
    prod = CloudStack.open(tmp_path, world, warm, "prod", beside=staging)
    prod.configure_cloud(variants={"cpu": {}})
    prod.up()
    assert staging.runs() == before
    mine = prod.pulumi.images()[0]
    assert mine["content"] == tested
    assert mine["name"] == world.name("dstack-0.14")
    places = [place for place, names in world.published().items() if mine["name"] in names]
    assert sorted(places) == sorted(world.prod_places)
    assert all(world.is_public(place, mine["name"]) for place in places)

    prod.edit("packer/provision/docker.sh")
    again = prod.up().output
    assert "this release is behind its sources" in again
    assert staging.runs() == before
    assert prod.pulumi.images()[0] == mine

    refused = prod.pulumi.destroy(check=False)
    assert refused.returncode != 0
    assert "protected" in refused.output
    assert sorted(places) == sorted(
        place for place, names in world.published().items() if mine["name"] in names
    )
    return prod


@WITH_REGIONS
def test_added_region_that_fails_first_touches_no_other(
    tmp_path: Path, world: CloudHarness, warm: WarmPython
) -> None:
    assert world.another_place
    staging = CloudStack.open(tmp_path, world, warm)
    staging.configure_cloud(variants={"cpu": {}})
    staging.up()
    before = staging.images()["cpu"]
    staging.configure_cloud(regions=[*before, world.another_place])
    planned = staging.pulumi.preview("--json")
    steps = json.loads(planned.stdout)["steps"]
    made = {step["urn"].rpartition("::")[2] for step in steps if step["op"] == "create"}
    assert made
    assert all(world.another_place in name for name in made)
    looked = {step["urn"].rpartition("::")[2] for step in steps if "replace" in step["op"]}
    assert looked == {f"{world.cloud}-preflight", f"{world.cloud}-cpu-0.14-check-published"}
    kind = world.publication
    staging.clouds.fail("create", kind, message="InternalError: this region has a bad day")
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "this region has a bad day" in failed.output
    assert list(world.published().values()) == [[NAME]], "what was there stays"
    staging.clouds.no_faults()
    staging.clouds.forget_calls()
    staging.up()
    assert staging.runs() == (1, 1)
    after = staging.images()["cpu"]
    assert set(after) == {*before, world.another_place}
    assert before.items() <= after.items()
    assert list(world.published().values()) == [[NAME]] * 2
    assert len(staging.clouds.calls("create", kind)) == 1


def test_state_of_this_machines_stack_is_no_place_for_clouds(
    tmp_path: Path, aws: AwsWorld, warm: WarmPython
) -> None:
    """The backend is what `. tools/env` alone sets, for the stack `local`."""
    staging = CloudStack.open(tmp_path, aws, warm)
    folder = staging.project / ".state"
    folder.mkdir()
    own = {"PULUMI_BACKEND_URL": f"file://{folder}", "PULUMI_CONFIG_PASSPHRASE": ""}
    file = staging.project / "Pulumi.staging.yaml"
    file.write_text(yaml.safe_dump({"config": yaml.safe_load(file.read_text())["config"]}))
    staging.pulumi.run("stack", "init", "staging", env=own)
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        refused = staging.pulumi.run(*command, "--stack", "staging", env=own, check=False)
        assert refused.returncode != 0
        assert "is for stacks of this machine" in refused.output
        assert "PULUMI_BACKEND_URL" in refused.output
        assert "Traceback" not in refused.output
    assert staging.clouds.calls("create") == []
