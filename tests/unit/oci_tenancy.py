"""A simulated tenancy of Oracle Cloud for tests of the bakery, and what is put in there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.oci.permissions import Scope, statements
from tests.fakes.bake_jobs import BAKE
from tests.fakes.oci_jobs import BUCKET, MILAN
from tests.simulators.oci.server import OciTenancy
from tests.simulators.oci.shapes import COMPARTMENT, HOME
from tests.unit.unit_samples import soon


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
