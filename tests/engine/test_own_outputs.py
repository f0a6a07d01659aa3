"""A program reads its own stack's outputs while the engine writes that stack's state."""

from pathlib import Path

import pytest

from tests.engine.local_stack import LocalStack

pytestmark = pytest.mark.engine

#: Each resource is a write of the state.
_PROGRAM = """
from types import SimpleNamespace

import pulumi

from components.own_outputs import own_outputs

project = f"{pulumi.get_organization()}/{pulumi.get_project()}"
stack = SimpleNamespace(reference=f"{project}/{pulumi.get_stack()}")
for number in range(100):
    pulumi.ComponentResource("test:index:Nothing", str(number))
    assert own_outputs(stack) in ({}, {"told": "before"})
pulumi.export("told", "before")
"""


def test_outputs_are_read_while_the_state_is_written(tmp_path: Path) -> None:
    stack = LocalStack.open(tmp_path)
    (stack.project / "__main__.py").write_text(_PROGRAM, encoding="utf-8")
    stack.up()
    assert "101 unchanged" in stack.up().output
