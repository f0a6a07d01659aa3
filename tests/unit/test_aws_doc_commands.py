"""Commands of AWS's own CLI in docs/aws.md ask for what there is: its services' models say so."""

import re
import shlex

import botocore.session
import pytest
from botocore import xform_name

from tests.unit.unit_samples import PROJECT

pytestmark = pytest.mark.unit

PAGE = (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8")
COMMANDS = sorted({" ".join(found.split()) for found in re.findall(r"`(aws [^`]+)`", PAGE)})
#: Of the CLI itself.
GLOBAL = {"region"}


def test_there_are_some() -> None:
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_operation_and_options_exist(command: str) -> None:
    _, service, operation, *rest = shlex.split(command)
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in operations
    shape = model.operation_model(operations[operation]).input_shape
    assert shape is not None
    options = {xform_name(name, "-") for name in shape.members} | GLOBAL
    given = {word.removeprefix("--") for word in rest if word.startswith("--")}
    assert given <= options
    assert {xform_name(name, "-") for name in shape.required_members} <= given
