"""What the job `plan` says of a removal from Azure, in the words of the real engine."""

import subprocess
from pathlib import Path

import pytest

from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.subscription import LOCATION

pytestmark = pytest.mark.engine


def plan(stack: CloudStack) -> "subprocess.CompletedProcess[str]":
    """The step's script, on the stack."""
    return subprocess.run(
        ["bash", "tools/workflow/preview", stack.pulumi.stack],
        cwd=stack.project,
        env=stack.pulumi.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_a_removal_from_azure_is_a_persons_first(
    tmp_path: Path, azure: AzureWorld, warm: WarmPython
) -> None:
    prod = CloudStack.open(tmp_path, azure, warm, stack="prod")
    prod.configure_cloud(variants={"cpu": {}}, regions=[LOCATION])
    prod.configure(releases=["0.14", "0.15"])
    prod.up()
    prod.configure(retiring={"0.14": "2099-03-31"})
    retires = plan(prod)
    assert retires.returncode == 0, retires.stdout
    assert "which no job may do" not in retires.stdout
    prod.up()
    prod.configure(releases=["0.15"], retiring={})
    removed = plan(prod)
    assert removed.returncode == 4, removed.stdout
    *_, why, what = removed.stdout.splitlines()
    assert why.startswith("Public images of Azure would be removed, which no job may do")
    assert what.startswith("Before it is approved, a person runs `pulumi up -s prod`")
