"""What is looked at before and after AMIs are published, in an account that moto plays."""

from pathlib import Path
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

from bakery.aws import publication_checks as publishing
from bakery.aws.adapter import Aws
from bakery.aws.amis import Ami
from bakery.aws.publication_checks import AwsPublicationChecks
from bakery.progress import Progress
from images.aws import AwsTarget
from images.errors import BakeryError
from images.job import CheckPublishedJob, PreflightJob, RemoveOrphanJob, Standing
from images.tags import BAKE as BAKE_TAG
from images.tags import STACK
from tests.fakes.aws_content import amis, complete, make_ami
from tests.fakes.aws_jobs import REGION, target
from tests.fakes.bake_jobs import BAKE

pytestmark = pytest.mark.unit


def admit(public: bool = True) -> PreflightJob:
    return PreflightJob(
        stack="test",
        names=["dstack-0.14"],
        public=public,
        locations=[REGION, "us-east-1"],
        target=target(None, "ami-0123456789abcdef0"),
    )


def publisher() -> AwsPublicationChecks:
    return AwsPublicationChecks(target(None, "ami-0123456789abcdef0"))


def quota(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    class Quotas:
        def get_service_quota(self, **_: str) -> dict[str, Any]:
            return {"Quota": {"Value": value}}

    monkeypatch.setattr("bakery.aws.clients.quotas", lambda *_: Quotas())


def test_nothing_in_the_way(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 5)
    assert publisher().preflight(admit(), Progress()).locations == [REGION, "us-east-1"]


def test_all_that_is_in_the_way_is_told_at_once(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 0)
    ec2.enable_ebs_encryption_by_default()
    make_ami(ec2, "dstack-0.14", {})
    with pytest.raises(BakeryError) as refused:
        publisher().preflight(admit(), Progress())
    told = str(refused.value)
    assert "eu-west-1: the name dstack-0.14 is taken by ami-" in told
    assert "belongs to no stack" in told
    assert "eu-west-1: EBS encrypts all new snapshots by default" in told
    assert "us-east-1: 0 AMIs are public and 1 would be added, but the quota is 0" in told
    assert "ask for at least 1 (Service Quotas, L-0E3CBAB9)" in told


def test_encrypted_content_cannot_be_public(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are encrypted as their source is, whatever their own region's default says."""
    quota(monkeypatch, 5)
    ec2.enable_ebs_encryption_by_default()
    abroad = admit().model_copy(update={"locations": ["us-east-1"]})
    with pytest.raises(BakeryError, match="eu-west-1: EBS encrypts all new snapshots by default"):
        publisher().preflight(abroad, Progress())


def test_nobody_is_told_to_remove_what_everyone_boots(
    ec2: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Releases made by hand are public and have no tags of a stack."""
    quota(monkeypatch, 5)
    private = make_ami(ec2, "dstack-0.14", {})
    with pytest.raises(BakeryError, match="another release or prefix, or deregister that AMI"):
        publisher().preflight(admit(), Progress())
    ec2.modify_image_attribute(
        ImageId=private, LaunchPermission={"Add": [{"Group": "all"}]}, Attribute="launchPermission"
    )
    with pytest.raises(BakeryError, match="everyone can boot it") as refused:
        publisher().preflight(admit(), Progress())
    assert "choose another release or prefix" in str(refused.value)
    assert "deregister" not in str(refused.value)


def test_private_images_need_no_quota(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quota(monkeypatch, 0)
    ec2.enable_ebs_encryption_by_default()
    publisher().preflight(admit(public=False), Progress())


def test_quota_that_cannot_be_read_is_told_and_goes_on(
    ec2: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher().preflight(admit(), Progress())
    assert "quota of public AMIs cannot be read" in capsys.readouterr().err


def released(ec2: Any, stack: str = "test") -> str:
    return make_ami(ec2, "dstack-0.14", {STACK: stack, BAKE_TAG: BAKE})


def clear(ec2: Any, *, kept: bool, days: int | None = None, standing: Standing = "current") -> None:
    job = RemoveOrphanJob(
        stack="test",
        bake=BAKE,
        standing=standing,
        name="dstack-0.14",
        location=REGION,
        protect=kept,
        target=target(None, "ami-0123456789abcdef0").model_copy(
            update={"deprecate_after_days": days}
        ),
    )
    assert isinstance(job.target, AwsTarget)
    AwsPublicationChecks(job.target).remove_orphan(job, Progress())


def test_copy_that_was_never_recorded_is_removed(ec2: Any) -> None:
    content, copy = make_ami(ec2, BAKE, {}), released(ec2)
    clear(ec2, kept=True)
    assert amis(ec2) == [content]
    assert copy not in amis(ec2)


def test_removed_copys_name_is_waited_for(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """EC2 lists an AMI for a while after it was deregistered, and the next takes its name."""
    content, copy = make_ami(ec2, BAKE, {}), released(ec2)
    listed, answers = publishing.named, [2]

    def slow(client: Any, name: str, owner: str = "self") -> list[Ami]:
        found = listed(client, name, owner)
        if name == BAKE or found or not answers[0]:
            return found
        answers[0] -= 1
        return [Ami.of({"ImageId": copy, "Name": name, "State": "available"})]

    monkeypatch.setattr(publishing, "named", slow)
    monkeypatch.setattr("bakery.publication_checks.PAUSE", 0.0)
    clear(ec2, kept=True)
    assert answers == [0]
    assert amis(ec2) == [content]


def test_content_that_is_past_its_date_is_not_copied(
    ec2: Any, adapter: Aws, tmp_path: Path
) -> None:
    """EC2 refuses a date in the past, and does so when the copy is there."""
    complete(ec2, adapter, tmp_path)
    clear(ec2, kept=False, days=3650)
    with pytest.raises(BakeryError, match=r"clouds\.aws\.deprecateAfterDays.*ended on 2026-"):
        clear(ec2, kept=False, days=1)
    clear(ec2, kept=False, days=1, standing="retiring")


def test_content_whose_record_is_damaged_is_not_copied(
    ec2: Any, adapter: Aws, tmp_path: Path
) -> None:
    ami = complete(ec2, adapter, tmp_path)
    ec2.create_tags(Resources=[ami], Tags=[{"Key": "dstack-record-0", "Value": "1:é"}])
    told = rf"record of {BAKE} \({ami} in {REGION}\) is damaged.*Deregister"
    with pytest.raises(BakeryError, match=told):
        clear(ec2, kept=False, days=3650)


def test_two_that_could_be_the_content_are_not_chosen_between(ec2: Any) -> None:
    both = [make_ami(ec2, BAKE, {}), make_ami(ec2, BAKE, {})]
    with pytest.raises(BakeryError, match="has 2 AMIs named") as refused:
        clear(ec2, kept=False)
    assert all(ami in str(refused.value) for ami in both)


def test_content_that_somebody_removed_cannot_be_published(ec2: Any) -> None:
    with pytest.raises(BakeryError, match=f"{BAKE} is gone from the store.*pulumi up --replace"):
        clear(ec2, kept=False)


def test_other_stacks_copy_and_other_content_stay(ec2: Any) -> None:
    mine = make_ami(ec2, "dstack-0.14", {STACK: "test", BAKE_TAG: "dstack-bake-cpu-older"})
    theirs = make_ami(ec2, "dstack-0.14-rc", {STACK: "prod", BAKE_TAG: BAKE})
    content = make_ami(ec2, BAKE, {})
    clear(ec2, kept=False)
    assert set(amis(ec2)) == {mine, theirs, content}


def test_what_everyone_could_boot_is_not_removed_from_a_stack_that_is_kept(ec2: Any) -> None:
    ami, content = released(ec2), make_ami(ec2, BAKE, {})
    everyone: Any = {"Add": [{"Group": "all"}]}
    ec2.modify_image_attribute(ImageId=ami, LaunchPermission=everyone)
    with pytest.raises(BakeryError, match=f"{ami} is public as dstack-0.14, but the stack's state"):
        clear(ec2, kept=True)
    assert set(amis(ec2)) == {ami, content}


def confirm(ami: str, *, public: bool = False, standing: Standing = "current") -> None:
    job = CheckPublishedJob(
        stack="test",
        bake=BAKE,
        name="dstack-0.14",
        public=public,
        standing=standing,
        ids={REGION: ami},
        target=target(None, "ami-0123456789abcdef0"),
    )
    publisher().check_published(job, Progress())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0.0)


def test_servers_find_what_was_published(ec2: Any) -> None:
    confirm(released(ec2))


@pytest.mark.usefixtures("impatient")
def test_servers_would_find_something_else(ec2: Any) -> None:
    ami = released(ec2)
    with pytest.raises(BakeryError, match=f"{ami} is private, which it should not be"):
        confirm(ami, public=True)
    with pytest.raises(BakeryError, match=r"ami-gone, published as dstack-0\.14, is not there"):
        confirm("ami-gone")


@pytest.mark.usefixtures("impatient")
def test_servers_do_not_see_a_public_image_that_is_deprecated(
    ec2: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its owner does ("Deprecate an AMI", Amazon EC2 User Guide). Of the current release that is an
    error, of another one nothing can be done about; of one that retires it was asked for.
    """
    ami = released(ec2)
    everyone: Any = {"Add": [{"Group": "all"}]}
    ec2.modify_image_attribute(ImageId=ami, LaunchPermission=everyone)
    held: Any = ec2_backends[DEFAULT_ACCOUNT_ID][REGION].amis[ami]
    held.deprecation_time = "2100-01-01T00:00:00.000Z"
    confirm(ami, public=True)
    held.deprecation_time = "2026-01-01T00:00:00.000Z"
    with pytest.raises(BakeryError, match=f"{ami} is deprecated since 2026-01-01.*hidden from"):
        confirm(ami, public=True)
    assert "warning" not in capsys.readouterr().err
    confirm(ami, public=True, standing="living")
    told = capsys.readouterr().err
    assert f"warning: {REGION}: {ami} (dstack-0.14) is deprecated since 2026-01-01" in told
    assert "Name its release in `retiring`, with a day that is over" in told
    confirm(ami, public=True, standing="retiring")
    assert "warning" not in capsys.readouterr().err
