"""The life of a release, by configuration and `pulumi up` alone; and one that is half there."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.fakes.warm_python import WarmPython

pytestmark = pytest.mark.engine

OTHER_REGION = "us-east-2"
OLD, NEW = "stgn-0-dstack-0.14", "stgn-0-dstack-0.15"


@pytest.fixture
def stack(tmp_path: Path, aws: AwsWorld, warm: WarmPython) -> CloudStack:
    """A stack in two regions whose releases are protected, as in prod."""
    found = CloudStack.open(tmp_path, aws, warm)
    found.configure(immutable=True)
    found.configure_cloud(variants={"cpu": {}}, regions=[HOME, OTHER_REGION])
    return found


def current(stack: CloudStack) -> tuple[str | None, str | None]:
    """The current release, and the one that a server is told of."""
    outputs = stack.pulumi.outputs()
    env = outputs["server_env"] or {}
    return outputs["version"], env.get("DSTACK_VM_BASE_IMAGE_VERSION")


def missing(stack: CloudStack, version: str) -> dict[str, str]:
    """Place to reason, of the one image of a release."""
    releases = stack.pulumi.outputs()["contract"]["releases"]
    (release,) = (each for each in releases if each["version"] == version)
    (image,) = release["images"]
    found = {each["place"]: each["reason"] for each in image["missing"]}
    assert release["complete"] == (not found)
    return found


def amis(aws: AwsWorld, name: str) -> list[dict[str, Any]]:
    found = [ami for region in (HOME, OTHER_REGION) for ami in aws.amis(region)]
    return [ami for ami in found if ami["Name"] == name]


def test_add_roll_back_retire_remove(stack: CloudStack, aws: AwsWorld) -> None:
    stack.configure(releases=["0.14"])
    stack.up()
    stack.configure(releases=["0.14", "0.15"])
    stack.up()
    assert current(stack) == ("0.15", "0.15")

    stack.configure(releases=["0.15", "0.14"])
    stack.up()
    assert current(stack) == ("0.14", "0.14")
    assert stack.runs() == (1, 1), "rolling back bakes nothing"
    stack.configure(releases=["0.14", "0.15"])

    lost = stack.configure(releases=["0.15"]) or stack.up(check=False)
    assert lost.returncode != 0, "nobody loses a release in one step"
    assert "protect" in lost.output
    assert len(amis(aws, OLD)) == 2

    stack.configure(releases=["0.14", "0.15"], retiring={"0.14": "2099-03-31"})
    stack.up()
    assert current(stack) == ("0.15", "0.15")
    assert {ami["DeprecationTime"][:10] for ami in amis(aws, OLD)} == {"2099-03-31"}
    assert not any("2099" in ami.get("DeprecationTime", "") for ami in amis(aws, NEW))
    (old, _) = stack.pulumi.outputs()["contract"]["releases"]
    assert (old["state"], old["retires"]) == ("retiring", "2099-03-31")

    stack.configure(releases=["0.15"], retiring={})
    stack.up()
    assert (amis(aws, OLD), len(amis(aws, NEW))) == ([], 2)
    assert len(aws.bakes()) == 1, "what another release is made of stays"


def test_half_a_release_never_looks_whole(stack: CloudStack, aws: AwsWorld) -> None:
    stack.configure(releases=["0.14"])
    stack.up()
    stack.configure(releases=["0.14", "0.15"])

    stack.host.behave({"do": "fail", "say": "E: Unable to locate package no-such-thing"})
    stack.configure(releases=["0.14", "0.15"], epoch=1)
    failed = stack.pulumi.run("up", *stack.pulumi.changing(), "--continue-on-error", check=False)
    assert failed.returncode != 0
    assert missing(stack, "0.15") == dict.fromkeys((HOME, OTHER_REGION), "it was not baked")
    assert (missing(stack, "0.14"), current(stack)) == ({}, ("0.14", "0.14"))

    stack.host.behave()
    stack.clouds.fail("create", aws.publication, f"aws-cpu-0.15-{OTHER_REGION}", message="Quota")
    failed = stack.pulumi.run("up", *stack.pulumi.changing(), "--continue-on-error", check=False)
    assert failed.returncode != 0
    assert missing(stack, "0.15")[OTHER_REGION] == "it was not published there"
    assert current(stack) == ("0.14", "0.14")
    assert len(amis(aws, NEW)) == 1

    stack.clouds.no_faults()
    stack.clouds.forget_calls()
    runs = stack.runs()
    stack.up()
    assert stack.runs() == runs
    assert len(stack.clouds.calls("create", aws.publication)) == 1, "just what was missing"
    assert (missing(stack, "0.15"), current(stack)) == ({}, ("0.15", "0.15"))
