"""Before Pulumi makes a published name, what a killed run left under it is removed.

A run that dies between making and recording leaves a name that Pulumi does not know and that
refuses to be made a second time. Pulumi calls a hook just before it creates a resource, and at no
other time ("Resource hooks", Pulumi's documentation); on AWS the hook is the only such moment.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import pulumi

from components.command import Credentials
from components.content import PROJECT, Wanted
from images.clouds import Target
from images.job import RemoveOrphanJob

#: A work of the bakery, and its job.
_Work = tuple[str, pulumi.Output[str]]


def orphan_hook(
    wanted: Wanted,
    bake: pulumi.Output[str],
    place: pulumi.Input[str],
    target: pulumi.Input[Target],
    credentials: Credentials | None = None,
) -> pulumi.ResourceHookBinding:
    """The hook for one published name in one place."""
    work = orphan_job(wanted, bake, place, target)
    return before_create(work, credentials=credentials)


def orphan_job(
    wanted: Wanted,
    bake: pulumi.Output[str],
    place: pulumi.Input[str],
    target: pulumi.Input[Target],
) -> _Work:
    """What that hook has the bakery do."""

    def made(bake: str, place: str, target: Target) -> str:
        return RemoveOrphanJob(
            stack=wanted.stack.name,
            bake=bake,
            name=wanted.name,
            standing=wanted.standing,
            location=place,
            protect=wanted.protect,
            target=target,
        ).model_dump_json()

    job = pulumi.Output.all(bake, place, target).apply(lambda found: made(*found))
    return "remove-orphan", job


def before_create(
    *works: _Work, credentials: Credentials | None = None
) -> pulumi.ResourceHookBinding:
    """Hooks that have the bakery do these, one after the other, before Pulumi makes a resource."""
    return pulumi.ResourceHookBinding(before_create=[_hook(*work, credentials) for work in works])


def _hook(
    work: str, job: pulumi.Output[str], credentials: Credentials | None
) -> Callable[[pulumi.ResourceHookArgs], Awaitable[None]]:
    variables = pulumi.Output.all(**(credentials or {}))

    async def run(_args: pulumi.ResourceHookArgs) -> None:
        text = await job.future()
        assert text is not None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bakery",
            work,
            cwd=PROJECT,
            env={**os.environ, **(await variables.future() or {})},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(text.encode())
        if process.returncode:
            raise RuntimeError(output.decode().strip())
        if output.strip():
            pulumi.log.info(output.decode().strip())

    return run
