"""The hook that clears a name before Pulumi makes something of it."""

import asyncio
from typing import Any

import pulumi
import pytest

from components.orphans import before_create

pytestmark = pytest.mark.unit


def test_job_that_fails_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for its job for as long as the program runs."""
    started: list[Any] = []

    async def start(*args: Any, **_: Any) -> Any:
        started.append(args)
        raise AssertionError

    def fails(_: str) -> str:
        raise ValueError("there is no such place")

    async def run() -> None:
        job = pulumi.Output.from_input("").apply(fails)
        hooks: Any = before_create(("remove-orphan", job)).before_create
        await hooks[0](None)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    with pytest.raises(ValueError, match="no such place"):
        asyncio.run(run())
    assert started == []
