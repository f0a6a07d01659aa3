"""What Object Storage needs to be allowed before it copies to other regions, or removes copies."""

import re

import pytest

from bakery.oci.publication_checks import OciPublicationChecks
from bakery.progress import Progress
from images.errors import BakeryError
from images.job import PreflightJob
from tests.fakes.oci_jobs import BUCKET, COPY, MILAN, add_content, target
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import HOME
from tests.unit import oci_tenancy
from tests.unit.test_oci_exports import objects, supply

pytestmark = pytest.mark.unit

server, tenancy = oci_tenancy.server, oci_tenancy.tenancy
DUBAI = "me-dubai-1"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 0)


def preflight(*regions: str) -> None:
    names = ["dstack-0.15"]
    work = PreflightJob(
        stack="test", names=names, locations=list(regions), public=False, target=target()
    )
    OciPublicationChecks(target()).preflight(work, Progress())


def rules(tenancy: OciTenancy, region: str) -> list[str]:
    kept = tenancy.api.region(region).store.bucket(BUCKET).rules
    return [prefix for rule in kept for prefix in rule["objectNameFilter"]["inclusionPrefixes"]]


def test_copies_that_nobody_allows_are_told_before_anything_is_baked(tenancy: OciTenancy) -> None:
    """With the statement word for word, so that it can be added as it is."""
    tenancy.api.policies.statements = []
    preflight(HOME)
    with pytest.raises(BakeryError, match="nothing was made") as refused:
        preflight(HOME, MILAN, DUBAI)
    told = re.findall(r"`(Allow service .*)`", str(refused.value))
    assert [one.split()[2] for one in told] == [f"objectstorage-{HOME}"]
    tenancy.api.policies.statements = told
    preflight(HOME, MILAN, DUBAI)
    for region in (MILAN, DUBAI):
        assert tenancy.api.region(region).store.buckets.keys() == {BUCKET}


def test_policy_that_takes_a_while_to_arrive(
    tenancy: OciTenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of the stack's own group, which is made meanwhile."""
    monkeypatch.setattr("bakery.publication_checks.PATIENCE", 5)
    tenancy.api.policies.late = 2
    preflight(MILAN)


def test_copy_that_nobody_allows_any_more(tenancy: OciTenancy) -> None:
    add_content(tenancy)
    tenancy.api.policies.statements = []
    with pytest.raises(BakeryError, match=f"`Allow service objectstorage-{HOME} to manage"):
        supply(MILAN)


def test_rule_of_old_copies_under_the_stacks_own_policy(
    tenancy: OciTenancy, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bucket that was made before the policy gets its rule when the policy is there."""
    add_content(tenancy)
    allowed = oci_tenancy.policy(public=False)
    tenancy.api.policies.statements = [one for one in allowed if f"-{HOME} " in one]
    supply(MILAN)
    assert "what is left of copies does not expire" in capsys.readouterr().err
    assert (rules(tenancy, HOME), rules(tenancy, MILAN)) == (["copies/"], [])
    tenancy.api.policies.statements = allowed
    supply(MILAN)
    assert rules(tenancy, MILAN) == ["copies/"]
    assert objects(tenancy, MILAN) == [COPY]
