"""Fixtures for tests that run the real Pulumi engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from literal_pulumi import Pulumi, copy_project

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
