"""A cloud that cannot be read, or is busy, keeps nobody from the bakes of the others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bakery.folders import lock_file
from bakery.lock import try_lock
from images.labels import label
from images.naming import bake_name
from ops.__main__ import main
from tests.fakes.aws_content import amis, make_ami
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP
from tests.fakes.fake_host import until
from tests.fakes.stack_files import write_stack
from tests.simulators.azure.subscription import (
    AzureSubscription,
)
from tests.simulators.gcp.project import GcpProject
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import BAKES, OWNER, left
from tests.unit.test_gcp_bakery import insert
from tests.unit.unit_samples import ago, soon

pytestmark = pytest.mark.unit

folder, account, azure = bakes_in_clouds.folder, bakes_in_clouds.account, bakes_in_clouds.azure
server, project = bakes_in_clouds.server, bakes_in_clouds.project


def test_a_cloud_that_cannot_be_read_hides_no_other(
    azure: AzureSubscription,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    groups = {"packerGroup": GROUP, "buildGroup": BUILD_GROUP, "endpoint": azure.address}
    write_stack(folder, "test", {"aws": {}, "azure": {**groups, "resourceGroup": "test-group"}})
    assert main(["list", "-s", "test"]) == 1
    told = capsys.readouterr()
    assert BAKES[0] in told.out
    assert told.err.startswith("error: aws: ")
    assert main(["prune", "-s", "test", "--keep", "1"]) == 1
    told = capsys.readouterr()
    assert f"would remove {BAKES[1]}" in told.out
    assert "error: aws: " in told.err


def test_a_run_that_is_waited_for_does_not_keep_other_clouds_from_being_swept(
    account: Any, project: GcpProject, folder: Path
) -> None:
    """Packer may take all the time that a cancelled job has, in one of its clouds."""
    write_stack(folder, "test", {"aws": {}, "gcp": {"endpoint": project.address}})
    busy, dead = (bake_name("cpu", digit * 64) for digit in "12")
    half = make_ami(account, busy, left(busy, OWNER, soon()))
    labels = {label(key): value for key, value in left(dead, OWNER, soon()).items()}
    insert(project, "instances", "dstk-left", labels=labels)
    with ThreadPoolExecutor() as pool:
        with try_lock(lock_file(busy)):
            swept = pool.submit(main, ["sweep", "-s", "test", "--run", OWNER, "--yes"])
            until(lambda: not project.api.instances, lambda: "the machine is there")
            assert half in amis(account)
        assert swept.result(60) == 0
    assert half not in amis(account)


def test_cloud_that_cannot_be_asked_does_not_keep_others_from_being_swept(
    account: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    write_stack(folder, "test", {"azure": {}, "aws": {}})
    (folder / "Pulumi.broken.yaml").write_text("config: {}\n")
    over = make_ami(account, "over", left("dstack-bake-cpu-1", "x", ago()))
    assert main(["sweep", "-s", "broken", "-s", "test", "--yes"]) == 1
    told = capsys.readouterr().out
    assert "broken: Pulumi.broken.yaml: the stack's configuration has" in told
    assert "no subscription of Azure is chosen" in told
    assert over not in amis(account)
