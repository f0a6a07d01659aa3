"""`list`, `prune` and `sweep` in a simulated project: what is used or foreign stays."""

import json

import pytest

from images.naming import bake_name
from ops.__main__ import main
from tests.simulators.gcp.api import SOURCE, UBUNTU
from tests.simulators.gcp.project import GcpProject
from tests.unit import bakes_in_clouds
from tests.unit.bakes_in_clouds import BAKES, OWNER, listed, used
from tests.unit.test_gcp_bakery import insert

pytestmark = pytest.mark.unit

folder, server, project = bakes_in_clouds.folder, bakes_in_clouds.server, bakes_in_clouds.project


def test_bakes_of_a_cloud_are_compared_by_their_names(
    project: GcpProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "-s", "test", "--json", BAKES[1], BAKES[0]]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["before"], found["after"]) == (BAKES[1], BAKES[0])
    assert main(["diff", "-s", "test", BAKES[0], "dstack-bake-cpu-ffffffffffff"]) == 1
    assert "neither a file nor a bake that test keeps" in capsys.readouterr().err


def test_gcp_list_and_prune(project: GcpProject, capsys: pytest.CaptureFixture[str]) -> None:
    bakes = listed(capsys)
    assert used(bakes) == {BAKES[3]: ["prod 0.14 dstack-0-14"]}
    assert bakes[BAKES[0]]["size_gb"] == 1.5
    assert main(["prune", "-s", "test", "--keep", "1"]) == 0
    assert len(project.images()) == 7
    assert main(["prune", "-s", "test", "--keep", "1", "--yes"]) == 0
    kept = {BAKES[0], BAKES[3], "dstack-0-14", "dstack-0-10", "dstack-a3mega-5"}
    assert set(project.images()) == kept


def test_gcp_sweep_of_a_run_finds_the_disk_that_has_no_labels(
    project: GcpProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bakery.gcp.leftovers import disk_name

    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", OWNER)
    mine = disk_name(bake_name("cpu", "1" * 64))
    monkeypatch.setenv("DSTACK_IMAGES_RUN_OWNER", "another")
    other = disk_name(bake_name("cpu", "1" * 64))
    monkeypatch.delenv("DSTACK_IMAGES_RUN_OWNER")
    for name in (mine, other):
        insert(project, "disks", name, sourceImage=f"projects/{UBUNTU}/global/images/{SOURCE}")
    assert main(["sweep", "-s", "test", "--run", OWNER]) == 0
    assert f"would remove disk {mine}" in capsys.readouterr().out
    assert main(["sweep", "-s", "test", "--run", OWNER, "--yes"]) == 0
    assert set(project.api.disks) == {other}
