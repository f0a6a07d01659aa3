"""A simulated tenancy of Oracle Cloud for tests of the bakery, and what is put in there."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakery.adapter import RunFolders
from components.oci.permissions import Scope, statements
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, MILAN
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME


@pytest.fixture(scope="module")
def server() -> Iterator[OciTenancy]:
    with OciTenancy() as found:
        yield found


@pytest.fixture
def tenancy(server: OciTenancy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OciTenancy:
    """Empty, as seen from a machine of its own."""
    monkeypatch.setenv("DSTACK_IMAGES_HOME", str(tmp_path / "home"))
    for name, value in server.env().items():
        monkeypatch.setenv(name, value)
    server.reset()
    return server


@pytest.fixture
def place(tmp_path: Path) -> RunFolders:
    (tmp_path / "packages.txt").write_text("bash 5 amd64\n")
    (tmp_path / "sbom.spdx.json.gz").write_bytes(b"compressed")
    return RunFolders(work=tmp_path, temporary=tmp_path, results=tmp_path)


def policy(*, public: bool, network: str = COMPARTMENT) -> list[str]:
    """The statements of a stack's group, in this tenancy."""
    scope = Scope(
        group="bakers",
        compartment=COMPARTMENT,
        network=network,
        bucket=BUCKET,
        regions=[HOME, MILAN],
        public=public,
    )
    return statements(scope)


def soon() -> str:
    return str(int(time.time() + 600))


def ago() -> str:
    return str(int(time.time() - 1))


def run_tags(of: str, bake: str = BAKE, expires: str = "") -> dict[str, str]:
    tags = {"dstack_bake": bake, "dstack_stack": "test", "dstack_run_owner": of}
    return {**tags, "dstack_expires": expires or soon()}


def add_machine(tenancy: OciTenancy, of: str, bake: str = BAKE, expires: str = "") -> None:
    tags = {k.replace("_", "-"): v for k, v in run_tags(of, bake, expires).items()}
    tenancy.api.region(HOME).machines.add(bake, COMPARTMENT, freeformTags=tags)


def machines(tenancy: OciTenancy) -> list[str]:
    return [one["displayName"] for one in tenancy.api.region(HOME).machines.alive()]


def names(tenancy: OciTenancy, region: str = HOME) -> list[str]:
    return [one["displayName"] for one in tenancy.api.images(region)]
