"""What the service account may do."""

import re

import pytest

from components.gcp.permissions import (
    CHANGE,
    MAKE,
    OPEN,
    Scope,
    change,
    of_environment,
    own_names,
)
from config.fields import Github

pytestmark = pytest.mark.unit

STAGING = Scope("some-project", "us-central1-a", ["stgn-1-dstack-"], public=False)
PROD = Scope("some-project", "us-central1-a", ["dstack-", "big-a3"], public=True)
IMAGES = "projects/some-project/global/images/"
ZONE = "projects/some-project/zones/us-central1-a/"


def judged(scope: Scope, resource: str) -> bool:
    """The condition as IAM would find it: its language, of what is used here, in Python's words."""
    text = own_names(scope).replace("||", "or").replace("&&", "and").replace("!", "not ")
    text = re.sub(r"resource\.name\.(starts|ends)With", r"name.\1with", text)
    return bool(eval(text, {"name": resource}))


@pytest.mark.parametrize(
    ("scope", "resource", "allowed"),
    [
        (STAGING, f"{IMAGES}stgn-1-dstack-0-14", True),
        (STAGING, f"{IMAGES}dstack-bake-cpu-0123456789ab", True),
        (STAGING, f"{IMAGES}dstack-0-14", False),
        (STAGING, f"{IMAGES}somebody-elses", False),
        (STAGING, f"{ZONE}instances/dstack-bake-cpu-0123456789ab-verify", True),
        (STAGING, f"{ZONE}disks/dstack-bake-cpu-0123456789ab-0011223344556677", True),
        (STAGING, f"{ZONE}instances/web-1", False),
        (STAGING, "projects/some-project/zones/us-east1-b/instances/dstack-bake-cpu-0", False),
        (PROD, f"{IMAGES}dstack-cuda-0-14", True),
        (PROD, f"{IMAGES}big-a3", True),
        (PROD, f"{IMAGES}dstack-cuda-0-10", False),
        (PROD, f"{IMAGES}stgn-1-dstack-0-14", False),
    ],
)
def test_only_what_is_the_stacks_can_be_changed(scope: Scope, resource: str, allowed: bool) -> None:
    assert judged(scope, resource) is allowed


def test_nothing_is_changed_without_the_condition() -> None:
    changing = re.compile(r"\.(delete|update|patch|setIamPolicy|deprecate|attach\w+)$")
    assert [one for one in MAKE if changing.search(one)] == []
    assert not set(MAKE) & {*CHANGE, *OPEN}
    assert [one for one in MAKE if "serviceAccount" in one or one.startswith("iam.")] == []


def test_private_stack_opens_nothing() -> None:
    assert set(OPEN) & set(change(STAGING)) == set()
    assert set(OPEN) <= set(change(PROD))


def test_github_is_compared_as_a_whole() -> None:
    condition = of_environment(Github(repository="dstackai/images", environment="prod"))
    assert condition == (
        'assertion.repository == "dstackai/images" && assertion.environment == "prod"'
    )


def test_identifiers_are_compared_too_where_they_are_known() -> None:
    """The name alone would let in who gets the name after the repository has moved."""
    condition = of_environment(Github(repository="dstackai@1/images@2", environment="prod"))
    assert condition == (
        'assertion.repository == "dstackai/images" && assertion.environment == "prod"'
        ' && assertion.repository_owner_id == "1" && assertion.repository_id == "2"'
    )
