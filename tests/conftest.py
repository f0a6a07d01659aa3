"""What holds for every test: where libraries keep their files, and the order among workers."""

import os
from pathlib import Path

import pytest

# Before any test imports moto, which reads its list of AMIs when it is imported.
import tests.simulators.aws  # noqa: F401
from images.host import home

#: Longest first, so that no worker is left alone with a long one at the end: the virtual machine,
#: then folders by how long their longest test takes.
_LONGEST_FIRST = (
    "tests/image/test_local_image.py",
    "tests/engine",
    "tests/clouds",
    "tests/packer",
    "tests/image",
    "tests/workflows",
    "tests/bakery",
    "tests/unit",
)

# Read when a test is collected; it would lie in the checkout.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(home() / "test-hypothesis"))


def pytest_configure(config: pytest.Config) -> None:
    from hypothesis import settings

    # How long an example takes says how busy the machine is.
    settings.register_profile("tests", deadline=None)
    settings.load_profile("tests")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a good part of the time, tests wait for other processes."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Orders tests for workers, each of whom takes the next. Without workers nothing changes."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _rank(item.path.relative_to(config.rootpath)))


def _rank(file: Path) -> int:
    """The place of the test's file; `sort` keeps the order within."""
    places = (n for n, name in enumerate(_LONGEST_FIRST) if file.is_relative_to(name))
    return next(places, len(_LONGEST_FIRST))
