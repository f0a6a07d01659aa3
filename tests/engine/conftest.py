"""Fixtures for tests that run the real Pulumi engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.aws_world import AwsWorld
from tests.engine.azure_world import AzureWorld
from tests.engine.cloud_harness import CloudHarness
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import Pulumi, copy_project
from tests.engine.oci_world import OciWorld
from tests.fakes.warm_python import WarmPython
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.azure.subscription import AzureSubscription
from tests.simulators.gcp.project import GcpProject
from tests.simulators.oci.server import OciTenancy

MakePulumi = Callable[..., Pulumi]


@pytest.fixture
def pulumi(tmp_path: Path) -> MakePulumi:
    """Make a stack: `pulumi(project, stack="test", env={})` works on a copy of the project."""

    def make(project: Path, stack: str = "test", env: dict[str, str] | None = None) -> Pulumi:
        target = tmp_path / "projects" / project.name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            copy_project(project, target)
        return Pulumi(target, tmp_path / "home", stack, env or {}).init()

    return make


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmPython]:
    """One for all tests, but those of signals and kills."""
    with WarmPython(tmp_path_factory.mktemp("warm")) as found:
        yield found


@pytest.fixture(scope="session")
def account() -> Iterator[MotoAccount]:
    """One for all tests; each gets it as new."""
    with MotoAccount() as found:
        yield found


@pytest.fixture
def aws(account: MotoAccount) -> AwsWorld:
    """AWS, in which nobody has made anything yet."""
    account.reset()
    return AwsWorld(account)


@pytest.fixture(scope="session")
def project() -> Iterator[GcpProject]:
    """One for all tests; each gets it as new."""
    with GcpProject() as found:
        yield found


@pytest.fixture
def gcp(project: GcpProject) -> GcpWorld:
    """Google Cloud, in which nobody has made anything yet."""
    project.reset()
    return GcpWorld(project)


@pytest.fixture(scope="session")
def subscription() -> Iterator[AzureSubscription]:
    """One for all tests; each gets it as new."""
    with AzureSubscription() as found:
        yield found


@pytest.fixture
def azure(subscription: AzureSubscription) -> AzureWorld:
    """Azure, in which nobody has made anything yet."""
    subscription.reset()
    return AzureWorld(subscription)


@pytest.fixture(scope="session")
def tenancy() -> Iterator[OciTenancy]:
    """One for all tests; each gets it as new."""
    with OciTenancy() as found:
        yield found


@pytest.fixture
def oci(tenancy: OciTenancy) -> OciWorld:
    """Oracle Cloud, in which nobody has made anything yet."""
    tenancy.reset()
    return OciWorld(tenancy)


@pytest.fixture(params=["aws", "azure", "gcp", "oci"])
def world(request: pytest.FixtureRequest) -> CloudHarness:
    """Every cloud in turn, each empty: the promises are the same."""
    return request.getfixturevalue(request.param)
