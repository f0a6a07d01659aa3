"""A cloud that cannot be reached when the program starts: the others go on, nothing is lost.

What a program's end by an error means to the engine is the real engine's part in it.
"""

from pathlib import Path

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.azure_world import PACKER_GROUP, AzureWorld
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import all_unchanged
from tests.engine.two_clouds import TwoClouds
from tests.fakes.warm_python import WarmPython
from tests.simulators.gcp.project import PROJECT

pytestmark = pytest.mark.engine

OLD, NEW = "stgn-0-dstack-0.14", "stgn-0-dstack-0.15"
GOOGLE_OLD, GOOGLE_NEW = (name.replace(".", "-") for name in (OLD, NEW))
OTHER_REGION = "us-east-2"
#: The exit status of a workflow's preview that was wrong in nothing else.
NOT_REACHED = 4


@pytest.fixture
def both(tmp_path: Path, aws: AwsWorld, gcp: GcpWorld, warm: WarmPython) -> TwoClouds:
    """AWS and Google Cloud."""
    return TwoClouds(tmp_path, [aws, gcp], warm)


def test_first_release_with_a_login_that_is_missing(both: TwoClouds) -> None:
    both.lose("gcp", "none")
    failed = both.up(check=False)
    assert failed.returncode != 0
    assert both.published("aws") == [OLD], failed.output
    assert both.published("gcp") == []
    assert "not reached: gcp" in failed.output
    assert "default credentials were not found" in failed.output
    assert "Traceback" not in failed.output
    assert both.missing() == {f"0.14 gcp {PROJECT}": "gcp was not reached"}
    assert both.told() == [None, None, None]

    both.renew("gcp")
    both.up()
    assert both.published("gcp") == [GOOGLE_OLD]
    assert both.stack.runs() == (2, 2), "nothing was baked twice"
    assert (both.missing(), both.told()) == ({}, ["0.14"] * 3)
    assert all_unchanged(both.up())


def test_later_release_leaves_what_is_there_as_it_is(both: TwoClouds) -> None:
    """In a stack that is kept, as prod."""
    both.configure(immutable=True)
    both.up()
    before, images = both.state_of("gcp"), both.stack.pulumi.outputs()["images"]
    outputs = both.stack.pulumi.outputs()

    both.lose("gcp")
    both.configure(releases=["0.14", "0.15"])
    planned = both.previewed()
    assert planned.returncode == NOT_REACHED, planned.output
    assert "aws-cpu-0.15" in planned.output, "the other cloud's changes are shown"
    assert "not reached: gcp" in planned.output
    assert "--skip-preview" in planned.output
    assert "delete" not in planned.output
    assert both.stack.pulumi.outputs() == outputs

    failed = both.up(check=False)
    assert failed.returncode != 0
    assert both.published("aws") == [OLD, NEW]
    assert both.state_of("gcp") == before
    assert both.published("gcp") == [GOOGLE_OLD]
    assert both.missing() == {f"0.15 gcp {PROJECT}": "gcp was not reached"}
    assert both.told() == ["0.14"] * 3
    assert both.stack.pulumi.outputs()["images"] == images
    assert {*outputs} == {*both.stack.pulumi.outputs()}

    # A release that is to go stays until all clouds are reached.
    both.lose("gcp", "none")
    both.configure(releases=["0.15"], retiring={})
    failed = both.up("--continue-on-error", check=False)
    assert failed.returncode != 0
    assert "protect" not in failed.output
    assert both.published("aws") == [OLD, NEW]
    assert both.told() == ["0.14"] * 3, "rather the contract of before than one without a release"
    assert both.state_of("gcp") == before

    both.renew("gcp")
    both.configure(releases=["0.14", "0.15"])
    both.up()
    assert both.published("gcp") == [GOOGLE_OLD, GOOGLE_NEW]
    assert (both.missing(), both.told()) == ({}, ["0.15"] * 3)


def test_servers_are_told_the_same_whatever_the_other_cloud_was_to_get(both: TwoClouds) -> None:
    """A region more, new content, another prefix, while AWS does not accept the credentials."""
    both.up()
    outputs = both.stack.pulumi.outputs()
    before = both.state_of("aws")

    both.lose("aws")
    both.configure_cloud("aws", regions=[HOME, OTHER_REGION])
    failed = both.up(check=False)
    assert failed.returncode != 0
    assert "AWS does not accept the credentials of this environment" in failed.output
    assert both.missing() == {f"0.14 aws {OTHER_REGION}": "aws was not reached"}
    assert both.told() == ["0.14"] * 3
    assert both.stack.pulumi.outputs()["images"] == outputs["images"]

    both.configure(epoch=1)
    assert both.up(check=False).returncode != 0
    assert both.stack.runs() == (3, 3), "the other cloud has the new content"
    bake = outputs["contract"]["releases"][0]["images"][0]["content"]["bake"]
    assert both.missing() == {
        f"0.14 aws {HOME}": f"aws was not reached; what is there is {bake}",
        f"0.14 aws {OTHER_REGION}": "aws was not reached",
    }
    assert both.told() == ["0.14"] * 3
    assert both.state_of("aws") == before

    outputs = both.stack.pulumi.outputs()
    both.configure(prefix="stgn-1-")
    assert both.up(check=False).returncode != 0
    assert both.stack.pulumi.outputs() == outputs, "no server looks for a prefix with half an image"
    both.configure(prefix="stgn-0-")

    both.renew("aws")
    both.up()
    assert both.published("aws") == [OLD, OLD]
    assert (both.missing(), both.told()) == ({}, ["0.14"] * 3)


def test_no_cloud_is_reached(both: TwoClouds) -> None:
    both.lose("aws")
    both.lose("gcp")
    assert both.previewed().returncode not in (0, NOT_REACHED)
    failed = both.up(check=False)
    assert failed.returncode != 0
    assert "AWS does not accept the credentials" in failed.output
    assert "Google Cloud does not let the credentials" in failed.output
    assert both.stack.pulumi.outputs() == {}
    assert both.stack.runs() == (0, 0)


def test_a_mistake_stops_all(
    tmp_path: Path, azure: AzureWorld, gcp: GcpWorld, warm: WarmPython
) -> None:
    """Of ownership, which only the cloud can tell; the login of the other one is told with it."""
    both = TwoClouds(tmp_path, [azure, gcp], warm)
    both.configure_cloud("azure", adopt=[])
    azure.subscription.add_group(PACKER_GROUP)
    failed = both.up(check=False)
    assert failed.returncode != 0
    owner = f"the resource group {PACKER_GROUP} exists already and belongs to no stack"
    assert owner in failed.output
    assert (both.published("gcp"), both.stack.runs()) == ([], (0, 0))
    both.lose("gcp")
    failed = both.up(check=False)
    assert owner in failed.output
    assert "Google Cloud does not let the credentials" in failed.output
