"""What goes wrong in clouds: told in words, nothing left behind, and the next `up` completes."""

import os
import signal
from pathlib import Path

import pytest

from tests.engine.cloud_harness import CloudHarness
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

NAME = "stgn-0-dstack-0.14"


@pytest.fixture
def staging(tmp_path: Path, world: CloudHarness, warm: WarmPython) -> CloudStack:
    """The stack with one variant, not up yet."""
    stack = CloudStack.open(tmp_path, world, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


def published(world: CloudHarness) -> list[str]:
    return [name for names in world.published().values() for name in names]


@pytest.mark.parametrize("world", ["aws"], indirect=True)
def test_packer_fails(staging: CloudStack, world: CloudHarness) -> None:
    """No cloud is different in this: the bakery tells what went wrong, and nothing is published."""
    staging.host.behave({"do": "fail", "say": "E: Unable to locate package no-such-thing"})
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert "Unable to locate package no-such-thing" in failed.output
    assert (published(world), world.bakes()) == ([], [])

    staging.host.behave(
        {"do": "fail", "say": "RequestLimitExceeded: Request limit exceeded."}, {"do": "ok"}
    )
    assert "which passes: trying again" in staging.up().output
    assert published(world) == [world.name(NAME)]
    assert staging.record()["attempts"] == 2


def test_refused_killed_failed_lost(
    staging: CloudStack, world: CloudHarness, tmp_path: Path, warm: WarmPython
) -> None:
    """One thing after another goes wrong, and the next `up` completes."""
    own = dict(staging.pulumi.env)
    for which in ("none", "expired"):
        staging.pulumi.env.update(world.broken_env(which))
        failed = refused(staging)
        assert world.credentials_words[which] in failed
        assert "Traceback" not in failed
        assert [r for r in staging.pulumi.resources() if ":providers:" not in r["type"]][1:] == []
        staging.pulumi.env.clear()
        staging.pulumi.env.update(own)

    world.squat(world.name(NAME))
    before = world.published()
    failed = refused(staging)
    assert f"the name {world.name(NAME)} is taken" in failed
    assert "choose another release or prefix" in failed
    assert world.published() == before
    (place,) = before
    world.remove(place, world.name(NAME))

    staging.with_real_python()
    killed_with_a_half_made_image(staging, world, tmp_path)
    staging.with_warm_python(warm)
    staging.host.behave({"do": "ok", "failed": ["docker"]})
    output = staging.up(check=False).output
    assert "was never completed" in output
    assert "1 of 10 checks failed" in output
    assert staging.runs() == (2, 1)
    assert published(world) == []
    assert len(world.bakes()) == 1, "the image of the machine that was checked went"

    staging.host.behave()
    staging.clouds.lose("create", world.publication)
    assert staging.up(check=False).returncode != 0
    assert published(world) == [world.name(NAME)], "it is there, and Pulumi does not know"
    staging.clouds.no_faults()
    staging.up()
    assert published(world) == [world.name(NAME)]
    assert staging.runs() == (2, 2)

    lost_state_of_commands(staging)
    staging.up()
    assert staging.runs() == (2, 2), "the content is complete, and taken over"
    assert published(world) == [world.name(NAME)], "nothing stands there twice"
    assert all_unchanged(staging.up())


def refused(stack: CloudStack) -> str:
    """What an `up` says that must fail before anything bakes."""
    failed = stack.up(check=False)
    assert failed.returncode != 0
    assert stack.runs() == (0, 0)
    return failed.output


def killed_with_a_half_made_image(stack: CloudStack, world: CloudHarness, tmp_path: Path) -> None:
    """Packer has made the image when everything is killed: nobody knows what is in it."""
    stack.host.behave({"do": "hang", "made": True})
    process = stack.pulumi.start("up", *stack.pulumi.changing(), log=tmp_path / "up.log")
    stack.host.await_event("hanging")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(60)
    stack.host.await_nothing_left()
    assert len(world.bakes()) == 1
    stack.pulumi.run("cancel", "--stack", "staging", "--yes")


def lost_state_of_commands(stack: CloudStack) -> None:
    """The state knows nothing of what was baked, verified and published."""
    for resource in stack.pulumi.resources("command:local:Command"):
        stack.pulumi.run(
            "state", "delete", resource["urn"], "--force", "--target-dependents", "--yes",
            "--stack", "staging", check=False,
        )  # fmt: skip
    assert stack.pulumi.resources("command:local:Command") == []
