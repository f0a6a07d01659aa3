"""What the service account may do."""

import re
from dataclasses import replace

import pytest

from components.gcp.permissions import (
    CHANGE,
    MAKE,
    MOST_OPERATORS,
    OPEN,
    RUN,
    Scope,
    change,
    of_environment,
    own_machines,
    own_names,
)
from config.fields import Github
from images.errors import UserError

pytestmark = pytest.mark.unit

STAGING = Scope("some-project", ["stgn-1-dstack-"], ["ubuntu-2404"], public=False)
A3_BASE = "dstack-a3mega-20250401t065024z"
PROD = Scope("some-project", ["dstack-", "dstack-a3mega-6", "big-a3"], [A3_BASE], public=True)
IMAGES = "projects/some-project/global/images/"
ZONE = "projects/some-project/zones/us-central1-a/"


class Resource(str):
    """A resource's name, with what IAM's language finds in it ("Attribute reference for IAM
    Conditions", `resource.name`): of a template that does not match, nothing.
    """

    def extract(self, template: str) -> str:
        before, _, after = template.partition("{name}")
        _, found, rest = self.partition(before)
        assert not after, "no template here has anything behind the name"
        return rest if found else ""


def judged(condition: str, resource: str) -> bool:
    """The condition as IAM would find it: its language, of what is used here, in Python's words."""
    text = re.sub(r"!(?!=)", " not ", condition.replace("||", "or").replace("&&", "and"))
    text = re.sub(r"\.(starts|ends)With", r".\1with", text.replace("resource.name", "name"))
    return bool(eval(text, {"name": Resource(resource)}))


@pytest.mark.parametrize(
    ("scope", "image", "allowed"),
    [
        (STAGING, "stgn-1-dstack-0-14", True),
        (STAGING, "dstack-bake-cpu-0123456789ab", True),
        (STAGING, "dstack-0-14", False),
        (STAGING, "somebody-elses", False),
        (PROD, "dstack-0-15", True),
        (PROD, "dstack-cuda-0-15", True),
        (PROD, "dstack-bake-cpu-0123456789ab", True),
        (PROD, "dstack-a3mega-6", True),
        (PROD, "big-a3", True),
        (PROD, "stgn-1-dstack-0-14", False),
        # Servers boot them, and nothing here can make them again.
        (PROD, "dstack-cuda-0-10", False),
        (PROD, "dstack-0-11", False),
        (PROD, "dstack-0-14", False),
        (PROD, "dstack-cuda-0-14", False),
        (PROD, "dstack-a3mega-5", False),
        (PROD, A3_BASE, False),
    ],
)
def test_only_images_of_the_stack_can_be_changed(scope: Scope, image: str, allowed: bool) -> None:
    assert judged(own_names(scope), f"{IMAGES}{image}") is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        (f"{ZONE}instances/dstack-bake-cpu-0123456789ab-verify", True),
        (f"{ZONE}disks/dstack-bake-cpu-0123456789ab-0011223344556677", True),
        ("projects/some-project/zones/us-east1-b/instances/dstack-bake-cpu-0", True),
        (f"{ZONE}instances/web-1", False),
        (f"{ZONE}disks/web-1-dstack-bake-", False),
        (f"{IMAGES}dstack-bake-cpu-0123456789ab", False),
    ],
)
def test_only_machines_and_disks_of_bakes_are_touched(resource: str, allowed: bool) -> None:
    assert judged(own_machines(), resource) is allowed


def test_condition_does_not_grow_by_names_that_it_covers() -> None:
    """Each other condition takes another binding, which takes a person."""
    without = replace(PROD, names=["dstack-", "big-a3"])
    assert own_names(PROD) == own_names(without)


def test_more_names_than_google_takes_are_told() -> None:
    def named(number: int) -> Scope:
        return replace(PROD, names=["dstack-", *(f"a3-{one}" for one in range(number))])

    room = MOST_OPERATORS - len(re.findall(r"\|\||&&|!", own_names(named(0))))
    assert room >= 3
    own_names(named(room))
    with pytest.raises(
        UserError, match=r"1 too many .* let `names` of variants begin with dstack-"
    ):
        own_names(named(room + 1))


def test_nothing_that_there_is_changes_or_is_read_without_a_condition() -> None:
    changing = re.compile(
        r"\.(delete|update|patch|set\w+|deprecate|attach\w+|detach\w+|add\w+|use|start|reset|resize)$"
        r"|disks\.useReadOnly|getSerialPortOutput"
    )
    assert [one for one in MAKE if changing.search(one)] == ["compute.subnetworks.use"]
    assert not set(MAKE) & {*CHANGE, *RUN, *OPEN}
    every = (*MAKE, *RUN, *CHANGE, *OPEN)
    assert [one for one in every if "serviceAccount" in one or one.startswith("iam.")] == []


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
