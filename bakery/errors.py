"""Failures that a person has to understand."""

from images.errors import UserError


class BakeryError(UserError):
    """What is wrong, where, and what to do. Printed without a traceback."""


class ContentMissing(BakeryError):
    """Content that the stack's state names is no longer in the store."""

    def __init__(self, bake: str) -> None:
        super().__init__(
            f"{bake} is gone from the store, though the stack's state names it; to make it again: "
            "`pulumi up --replace '**Command::*-bake'`"
        )


class Interrupted(BakeryError):
    """The run was cancelled, or whoever asked for it has gone."""
