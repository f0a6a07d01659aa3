"""Fixtures for tests on simulated clouds."""

import json
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.clouds.declared_stack import DeclaredStack
from tests.engine.literal_pulumi import Pulumi, copy_project
from tests.simulators.aws.moto_account import MotoAccount
from tests.simulators.pulumi.simulated_clouds import SimulatedClouds

PROJECTS = Path(__file__).parent / "projects"


@pytest.fixture(scope="session")
def moto() -> Generator[MotoAccount]:
    with MotoAccount() as account:
        yield account


@pytest.fixture
def account(moto: MotoAccount) -> MotoAccount:
    """An AWS account without anything of ours."""
    moto.reset()
    return moto


@pytest.fixture
def clouds(tmp_path: Path) -> SimulatedClouds:
    return SimulatedClouds(tmp_path / "clouds")


@pytest.fixture
def make_stack(
    tmp_path: Path, clouds: SimulatedClouds, account: MotoAccount
) -> Callable[[str], DeclaredStack]:
    def make(project: str) -> DeclaredStack:
        folder = copy_project(PROJECTS / project, tmp_path / project)
        env = {**clouds.env(), **account.env}
        pulumi = Pulumi(folder, tmp_path / "home", env=env)
        # Written before the stack is made, for a command each takes a while.
        settings = {"aws:region": "us-east-1", "aws:endpoints": account.endpoints}
        (folder / f"Pulumi.{pulumi.stack}.yaml").write_text(json.dumps({"config": settings}))
        return DeclaredStack(pulumi.init())

    return make


@pytest.fixture
def stack(make_stack: Callable[[str], DeclaredStack]) -> DeclaredStack:
    return make_stack("declared")
