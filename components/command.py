"""The bakery as a Pulumi command: runs when a trigger changes, and for nothing else."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pulumi
from pulumi_command import local

from images.record import Fact

_Answer = TypeVar("_Answer", bound=Fact)

#: Credentials that the stack made itself; others come with the environment that Pulumi runs in.
Credentials = Mapping[str, pulumi.Input[str]]

#: Every input but the triggers: a rotated token, a new machine size, another checkout must not
#: bake. The provider would run `create` again for any of them. At a replacement, which only a
#: changed trigger causes, the new values are used all the same.
IGNORED = [
    "create",
    "update",
    "delete",
    "dir",
    "environment",
    "interpreter",
    "logging",
    "stdin",
    "addPreviousOutputInEnv",
    "archivePaths",
    "assetPaths",
]


def bakery(
    name: str,
    work: str,
    job: pulumi.Input[str],
    triggers: Sequence[pulumi.Input[str]],
    *,
    credentials: Credentials | None = None,
    undo: str | None = None,
    once: bool = False,
    opts: pulumi.ResourceOptions,
) -> local.Command:
    """A command `python -m bakery <work>`; its record is on stdout.

    `undo` is the work at deletion. With `once`, changed triggers do not run it again either.
    """
    ignored = [*IGNORED, "triggers"] if once else IGNORED
    return local.Command(
        name,
        create=_line(work),
        delete=_line(undo) if undo else None,
        stdin=job,
        environment=credentials,
        triggers=list(triggers),
        logging=local.Logging.STDERR,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=ignored)),
    )


def answer(command: local.Command, model: type[_Answer]) -> pulumi.Output[_Answer]:
    """What a command has said, perhaps to an earlier version of this program: what that knew and
    this one does not is passed over.
    """
    return command.stdout.apply(lambda text: model.model_validate_json(text, extra="ignore"))


def _line(work: str) -> str:
    """The same in every checkout."""
    return f"exec .venv/bin/python -m bakery {work}"
