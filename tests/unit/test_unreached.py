"""What is exported where a cloud was not reached and nobody can read what was said of it before."""

from typing import Any

import pulumi
import pytest

from components import outputs, unreached
from components.backends import Published
from images.errors import NotReached
from tests.unit.unit_samples import stack_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("before", "exported"),
    [
        ({}, ["contract", "version", "prefix", "images", "server_env"]),
        ({"contract": {"schema_version": 3}}, []),
    ],
    ids=["first-run", "other-version"],
)
def test_what_cannot_be_read_is_kept(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, Any], exported: list[str]
) -> None:
    found: list[str] = []

    def export(name: str, _value: object) -> None:
        found.append(name)

    def own_outputs(_stack: object) -> dict[str, Any]:
        return before

    monkeypatch.setattr(pulumi, "export", export)
    monkeypatch.setattr(unreached, "own_outputs", own_outputs)
    stack = stack_of()
    others = unreached.Unreached.of(stack, {"gcp": NotReached("no login")})
    outputs.export(stack, Published([], others))
    assert found == exported
