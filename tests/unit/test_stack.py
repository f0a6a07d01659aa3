"""What components know of the stack, and that they ask nobody else."""

import re
from datetime import date

import pytest

from tests.unit.unit_samples import PROJECT, stack_of

pytestmark = pytest.mark.unit

RELEASES = ["0.13", "0.14", "0.15rc1"]


def test_current_release_is_the_last_one_that_stays() -> None:
    assert stack_of(releases=RELEASES).current == "0.15rc1"
    assert stack_of(releases=RELEASES, retiring={"0.15rc1": "2027-01-01"}).current == "0.14"


@pytest.mark.parametrize("immutable", [False, True])
def test_retiring_release_of_an_immutable_stack_is_not_protected(immutable: bool) -> None:
    stack = stack_of(releases=RELEASES, retiring={"0.13": "2027-01-01"}, immutable=immutable)
    assert stack.retiring == {"0.13": date(2027, 1, 1)}
    assert [stack.protects(release) for release in RELEASES] == [False, immutable, immutable]
    assert stack.protect is immutable, "records and identities outlive each release"


def test_components_ask_neither_pulumi_for_the_stack_nor_its_configuration() -> None:
    asking = re.compile(r"pulumi\.(?:get_stack|get_project|get_organization|Config)\b|\.visibility")
    found = {
        str(file.relative_to(PROJECT)): asking.findall(file.read_text(encoding="utf-8"))
        for file in (PROJECT / "components").rglob("*.py")
    }
    assert {file: calls for file, calls in found.items() if calls} == {}
