"""Fixtures for tests of provisioning steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.chroot import world as worlds
from tests.image.chroot.machine import Machine
from tests.image.repositories.signing import SigningKey, signing_key


@pytest.fixture(scope="session")
def vendor_key() -> Iterator[SigningKey]:
    """The key that signs all stub repositories."""
    with signing_key("vendor") as key:
        yield key


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """What all machines begin as; nothing runs in it any more, as they have its files."""
    machine = Machine(tmp_path_factory.mktemp("prepared"))
    try:
        yield machine.set_up()
    finally:
        machine.remove()


@pytest.fixture
def world(tmp_path: Path, prepared: Machine, vendor_key: SigningKey) -> Iterator[worlds.World]:
    """A machine, and repositories around it."""
    with worlds.world(tmp_path, prepared, vendor_key) as made:
        yield made
