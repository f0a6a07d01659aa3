"""A stack without a cloud asks for no provider of one."""

import os
from pathlib import Path

import pytest

from tests.engine.local_stack import LocalStack
from tests.simulators.pulumi.simulated_clouds import BIN

pytestmark = pytest.mark.engine


def test_local_stack_wants_no_provider_of_clouds(tmp_path: Path) -> None:
    """The host announces the providers of all packages that are installed, used or not."""
    stack = LocalStack.open(tmp_path)
    path = os.pathsep.join([stack.pulumi.env["PATH"], str(BIN)])
    option = "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL"
    wanted = {
        skip: "pulumi-resource-aws"
        in stack.pulumi.run("preview", "--stack", "local", env={"PATH": path, option: skip}).output
        for skip in ("true", "false")
    }
    assert wanted == {"true": False, "false": True}
