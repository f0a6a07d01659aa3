"""From when EC2 hides AMIs: a date of the stack's, or EC2's own, which a public AMI keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engine.aws_world import HOME, AwsWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.aws.moto_time import OVER

pytestmark = pytest.mark.engine

OLD, OTHER_REGION = "stgn-0-dstack-0.14", "us-east-2"


def day(ahead: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=ahead):%Y-%m-%d}"


@pytest.fixture
def staging(tmp_path: Path, aws: AwsWorld, warm: WarmPython) -> CloudStack:
    """One variant in one region, not up yet."""
    stack = CloudStack.open(tmp_path, aws, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


def dates(aws: AwsWorld, name: str = OLD) -> dict[str, str | None]:
    """Region to the day from which an AMI of the name is hidden."""
    return {
        region: ami.get("DeprecationTime", "")[:10] or None
        for region in (HOME, OTHER_REGION)
        for ami in aws.amis(region)
        if ami["Name"] == name
    }


def test_a_public_ami_keeps_the_date_that_ec2_gives_it(staging: CloudStack, aws: AwsWorld) -> None:
    """Nothing is to be done about it, whoever looks; what is retired gets an earlier one, once."""
    staging.configure(visibility="public", releases=["0.14", "0.15"])
    staging.up()
    assert dates(aws) == {HOME: day(730)}
    staging.pulumi.refresh()
    assert all_unchanged(staging.up())

    staging.configure(retiring={"0.14": day(90)})
    staging.up()
    assert dates(aws) == {HOME: day(90)}
    staging.configure(retiring={"0.14": day(120)})
    later = staging.up(check=False)
    assert later.returncode != 0
    assert "a public AMI gets no later date" in later.output

    staging.configure(retiring={})
    staging.up()
    assert dates(aws) == {HOME: day(90)}, "it cannot be taken back"
    staging.pulumi.refresh()
    assert all_unchanged(staging.up())


def test_a_private_ami_loses_its_date_again(staging: CloudStack, aws: AwsWorld) -> None:
    staging.configure(releases=["0.14", "0.15"], retiring={"0.14": day(90)})
    staging.up()
    assert dates(aws) == {HOME: day(90)}
    staging.configure(retiring={})
    staging.up()
    assert dates(aws) == {HOME: None}
    assert all_unchanged(staging.up())


def test_a_day_that_is_over_stops_nothing(staging: CloudStack, aws: AwsWorld) -> None:
    """EC2 takes no such date: what has one keeps it, a new copy gets what EC2 gives to all, and it
    is told. That nobody finds the old ones any more is what was asked for.
    """
    staging.configure(visibility="public", releases=["0.14", "0.15"], retiring={"0.14": day(90)})
    staging.up()
    aws.make_deprecated(HOME, OLD)
    staging.configure(retiring={"0.14": day(0)})
    staging.configure_cloud(regions=[HOME, OTHER_REGION])
    told = staging.up().output
    assert f"the day of 0.14, {day(0)}, is over" in told
    assert "is deprecated since" not in told
    assert dates(aws) == {HOME: OVER, OTHER_REGION: day(730)}
    assert all_unchanged(staging.up())


def test_two_years_of_a_release_that_is_not_current_are_told_and_stop_nothing(
    staging: CloudStack, aws: AwsWorld
) -> None:
    staging.configure(visibility="public", releases=["0.14", "0.15"])
    staging.up()
    aws.make_deprecated(HOME, OLD)
    staging.configure_cloud(regions=[HOME, OTHER_REGION])
    told = staging.up().output
    assert f"is deprecated since {OVER}" in told
    assert "Name its release in `retiring`" in told
    assert dates(aws) == {HOME: OVER, OTHER_REGION: day(730)}

    staging.configure(retiring={"0.14": day(1)})
    refused = staging.up(check=False)
    assert refused.returncode != 0
    assert "a public AMI gets no later date" in refused.output
    staging.configure(retiring={"0.14": day(0)})
    staging.up()
    assert all_unchanged(staging.up())


def test_a_copy_that_took_too_long_gets_its_date_in_the_end(
    staging: CloudStack, aws: AwsWorld
) -> None:
    """The provider sets it when it has waited for the copy, and Pulumi takes it for set."""
    staging.configure_cloud(deprecateAfterDays=90)
    staging.clouds.half_make("create", aws.publication, message="timeout (last date: 'pending')")
    assert staging.up(check=False).returncode != 0
    assert dates(aws) == {HOME: None}
    staging.pulumi.refresh()
    staging.up()
    assert dates(aws) == {HOME: day(90)}
    (copy,) = staging.pulumi.resources(aws.publication)
    assert {copy["customTimeouts"][work] for work in ("create", "update")} == {2 * 60 * 60}
    assert all_unchanged(staging.up())
