"""Calls at the same time: the log and the faults agree on which came first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from tests.clouds.declared_stack import PARAMETER
from tests.simulators.pulumi.calling import Caller
from tests.simulators.pulumi.faults import Fault, order
from tests.simulators.pulumi.store import Store

CALLS = 40


class Aborted(Exception):
    pass


class Context:
    def abort(self, code: object, message: str) -> NoReturn:
        raise Aborted(message)


def create(store: Store, name: str) -> str | None:
    """The name, if the call failed; each comes from a process of its own."""
    try:
        with Caller("aws", store).call(
            "create", PARAMETER, SimpleNamespace(name=name, urn=""), Context()
        ):
            return None
    except Aborted:
        return name


@pytest.mark.parametrize("nth", range(2, CALLS, 5))
def test_the_nth_of_the_log_is_the_one_that_fails(tmp_path: Path, nth: int) -> None:
    store = Store(tmp_path)
    order(store, Fault("create", "fail", PARAMETER, nth=nth, message="refused"))
    with ThreadPoolExecutor(CALLS) as threads:
        answers = threads.map(lambda name: create(store, name), map(str, range(CALLS)))
    (failed,) = filter(None, answers)
    assert store.log()[nth - 1]["name"] == failed
