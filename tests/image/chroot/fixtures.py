"""Fixtures for tests of provisioning steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chroot import world as worlds
from repositories.signing import SigningKey, signing_key


@pytest.fixture(scope="session")
def vendor_key() -> Iterator[SigningKey]:
    """The key that signs all stub repositories."""
    with signing_key("vendor") as key:
        yield key


@pytest.fixture
def world(tmp_path: Path, vendor_key: SigningKey) -> Iterator[worlds.World]:
    """A machine, and repositories around it."""
    with worlds.world(tmp_path, vendor_key) as made:
        yield made
