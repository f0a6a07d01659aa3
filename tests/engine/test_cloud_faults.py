"""What goes wrong in clouds: told in words, nothing left behind, and the next `up` completes."""

import os
import signal
from pathlib import Path

import pytest

from cloud_stack import CloudStack
from literal_pulumi import all_unchanged
from world import World

pytestmark = pytest.mark.engine

#: Elsewhere images are global.
WITH_REGIONS = pytest.mark.parametrize("world", ["aws"], indirect=True)

NAME = "stgn-1-dstack-0.14"


@pytest.fixture
def staging(tmp_path: Path, world: World) -> CloudStack:
    """The stack with one variant, not up yet."""
    stack = CloudStack.open(tmp_path, world)
    stack.configure_cloud(variants=["cpu"])
    return stack


def published(world: World) -> list[str]:
    return [name for names in world.published().values() for name in names]


def test_packer_fails(staging: CloudStack, world: World) -> None:
    staging.shop.behave("fail E: Unable to locate package no-such-thing")
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "Unable to locate package no-such-thing" in failed.output
    assert (published(world), world.bakes()) == ([], [])
    staging.shop.behave("ok")
    staging.up()
    assert published(world) == [world.name(NAME)]


def test_throttled_packer_is_tried_again(staging: CloudStack, world: World) -> None:
    staging.shop.behave("fail-once RequestLimitExceeded: Request limit exceeded.")
    output = staging.up().output
    assert "which passes: trying again" in output
    assert published(world) == [world.name(NAME)]
    assert contract_attempts(staging) == 2


def contract_attempts(stack: CloudStack) -> int:
    return stack.record()["attempts"]


def test_failed_check_publishes_nothing(staging: CloudStack, world: World) -> None:
    staging.shop.behave("failed-check docker")
    failed = staging.up(check=False)
    assert "1 of 10 checks failed" in failed.output
    assert published(world) == []
    assert len(world.bakes()) == 1, "the image of the machine that was checked went"
    staging.shop.behave("ok")
    staging.up()
    assert staging.runs() == (1, 2)


def test_killed_with_a_half_made_image(staging: CloudStack, world: World, tmp_path: Path) -> None:
    """Packer has made the image when everything is killed: nobody knows what is in it."""
    staging.shop.behave("made-then-hang")
    process = staging.pulumi.start("up", *staging.pulumi.changing(), log=tmp_path / "up.log")
    staging.shop.await_run("machine")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    staging.shop.await_nothing_left()
    assert len(world.bakes()) == 1
    staging.pulumi.run("cancel", "--stack", "staging", "--yes")
    staging.shop.behave("ok")
    assert "was never completed" in staging.up().output
    assert staging.runs() == (2, 1)
    assert published(world) == [world.name(NAME)]
    assert len(world.bakes()) == 1


def test_killed_before_pulumi_recorded_it(staging: CloudStack, world: World) -> None:
    """The content is complete, the state knows nothing of it: it is taken over."""
    staging.up()
    for resource in staging.pulumi.resources("command:local:Command"):
        staging.pulumi.run(
            "state", "delete", resource["urn"], "--force", "--target-dependents", "--yes",
            "--stack", "staging", check=False,
        )  # fmt: skip
    assert staging.pulumi.resources("command:local:Command") == []
    staging.up()
    assert staging.runs() == (1, 1)
    assert published(world) == [world.name(NAME)], "nothing stands there twice"
    assert all_unchanged(staging.up())


@WITH_REGIONS
def test_one_place_fails_and_only_that_is_made_next(staging: CloudStack, world: World) -> None:
    assert world.another_place
    staging.up()
    staging.configure_cloud(regions=[*staging.images()["cpu"], world.another_place])
    kind = world.publication
    staging.clouds.fail("create", kind, message="InternalError: this region has a bad day")
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "this region has a bad day" in failed.output
    assert published(world) == [world.name(NAME)], "what was there stays"
    staging.clouds.no_faults()
    staging.clouds.forget_calls()
    staging.up()
    assert published(world) == [world.name(NAME)] * 2
    assert len(staging.clouds.calls("create", kind)) == 1
    assert staging.runs() == (1, 1)


def test_made_but_never_recorded_copy_does_not_stay(staging: CloudStack, world: World) -> None:
    staging.clouds.lose("create", world.publication)
    assert staging.up(check=False).returncode != 0
    assert published(world) == [world.name(NAME)], "it is there, and Pulumi does not know"
    staging.clouds.no_faults()
    staging.up()
    assert published(world) == [world.name(NAME)]
    assert all_unchanged(staging.up())


def test_removed_behind_our_back(staging: CloudStack, world: World) -> None:
    staging.up()
    (place,) = world.published()
    world.remove(place, world.name(NAME))
    staging.pulumi.refresh()
    staging.up()
    assert published(world) == [world.name(NAME)]
    assert staging.runs() == (1, 1)


def test_name_is_taken(staging: CloudStack, world: World) -> None:
    world.squat(world.name(NAME))
    before = published(world)
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert f"the name {world.name(NAME)} is taken" in failed.output
    assert "choose another release or prefix" in failed.output
    assert staging.runs() == (0, 0)
    assert published(world) == before


@pytest.mark.parametrize("which", ["none", "expired"])
def test_credentials_that_do_not_work(staging: CloudStack, world: World, which: str) -> None:
    staging.pulumi.env.update(world.broken_env(which))
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert world.credentials_words[which] in failed.output
    assert "Traceback" not in failed.output
    assert staging.runs() == (0, 0)
    assert [r for r in staging.pulumi.resources() if ":providers:" not in r["type"]][1:] == []
