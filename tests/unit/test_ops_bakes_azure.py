"""`list`, `prune` and `sweep` in a simulated subscription: what is used or foreign stays."""

from pathlib import Path

import pytest

from images.naming import bake_name, snapshot_name
from ops.__main__ import main
from tests.fakes.azure_jobs import BUILD_GROUP, GROUP, add_baker, may_publish
from tests.fakes.stack_files import write_stack
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.roles import OWNER as OWNER_ROLE
from tests.simulators.azure.subscription import (
    OLD_DEFINITION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import BAKES, OWNER, left, listed, published, used
from tests.unit.unit_samples import ago, soon

pytestmark = pytest.mark.unit

folder, azure = bakes_in_clouds.folder, bakes_in_clouds.azure


def test_azure_list_and_prune(azure: AzureSubscription, capsys: pytest.CaptureFixture[str]) -> None:
    assert used(listed(capsys)) == {BAKES[3]: [f"prod 0.14 {PUBLISHED_GROUP}"]}
    assert main(["prune", "-s", "test", "--keep", "1"]) == 0
    assert len(azure.images(GROUP)) == 4
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    assert set(azure.images(GROUP)) == {BAKES[0], BAKES[3]}
    snapshots = {id.rpartition("/")[2] for id in azure.resources(GROUP) if "/snapshots/" in id}
    assert snapshots == {snapshot_name(BAKES[0]), snapshot_name(BAKES[3])}
    assert set(azure.versions(PUBLISHED_GALLERY)[OLD_DEFINITION]) == {"0.0.1", "2026.101.0"}


def test_azure_prune_removes_nothing_while_a_stack_cannot_be_read(
    azure: AzureSubscription, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its file says where it has published."""
    write_stack(folder, "prod", {"azure": {"resourceGroup": 5}})
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert "azure of the stack prod, whose file has mistakes" in capsys.readouterr().out
    assert len(azure.images(GROUP)) == 4


def act_as_baker(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, *, public: bool
) -> None:
    """Logs in as the own principal of the stack `test`, with no more than its roles."""
    monkeypatch.setenv("ARM_CLIENT_ID", add_baker(azure, "its-secret"))
    monkeypatch.setenv("ARM_CLIENT_SECRET", "its-secret")
    azure.add_group("test-group")
    may_publish(azure, "test-group", public=public)


def test_azure_prune_removes_nothing_while_a_group_may_not_be_looked_into(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lists would be answered, with less than there is."""
    act_as_baker(azure, monkeypatch, public=True)
    note = f"nobody could look for uses in azure {PUBLISHED_GROUP}"
    assert main(["list", "-s", "test"]) == 0
    assert note in capsys.readouterr().out
    assert main(["prune", "-s", "test", "--keep", "0", "--yes"]) == 0
    assert note in capsys.readouterr().out
    assert len(azure.images(GROUP)) == 4


@pytest.mark.parametrize("public", [False, True])
def test_azure_prune_takes_no_more_than_the_stacks_roles(
    azure: AzureSubscription,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    public: bool,
) -> None:
    act_as_baker(azure, monkeypatch, public=public)
    (folder / "Pulumi.prod.yaml").unlink()
    azure.add_image("test-group", "dstack-0.14", **published(BAKES[2], stack="test"))
    assert used(listed(capsys)) == {BAKES[2]: ["test 0.14 test-group"]}
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    assert set(azure.images(GROUP)) == {BAKES[0], BAKES[2]}


def test_azure_sweep_of_a_run(azure: AzureSubscription, capsys: pytest.CaptureFixture[str]) -> None:
    run = bake_name("cpu", "1" * 64)
    azure.add_machine(BUILD_GROUP, "dstk0000vm", left(run, OWNER, soon()))
    assert main(["sweep", "-s", "test"]) == 0
    assert "nothing is left" in capsys.readouterr().out
    assert main(["sweep", "-s", "test", "--run", OWNER]) == 0
    told = capsys.readouterr().out
    assert "would remove machine dstk0000vm" in told
    assert "would remove disk dstk0000vm-os" in told
    assert azure.resources(BUILD_GROUP)
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 0
    assert azure.resources(BUILD_GROUP) == []


def test_azure_sweep_does_not_take_what_may_not_be_seen_for_nothing(
    azure: AzureSubscription, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.add_machine(BUILD_GROUP, "dstk0000vm", left(BAKES[0], OWNER, ago()))
    azure.api.arm.roles.revoke(PERSON_OBJECT, OWNER_ROLE)
    assert main(["sweep", "-s", "test"]) == 1
    told = capsys.readouterr().out
    assert "these credentials may not do this" in told
    assert "nothing is left" not in told
