"""What a person can put right, as one tree. Each is shown without a traceback.

    UserError
    ├── ConfigurationError   a stack's file says what cannot be
    ├── NameRefused          a cloud would not take a name
    ├── InputUnreadable      a file that belongs to an image cannot be read
    ├── HostError            this host is not set up
    ├── NotReached           a cloud does not answer, or not to these credentials
    └── BakeryError          a bake, a verification or a publication cannot go on
        ├── ContentMissing   what the stack's state names is no longer there
        ├── Damaged          a record is there, and cannot be read
        └── Interrupted      cancelled, or nobody waits for it any more

Set-up has its own (`tools/errors.py`): it runs before there are any packages.
"""


class UserError(Exception):
    """Something the user can put right. The message says what is wrong, where, what to do."""


class ConfigurationError(UserError):
    """The configuration cannot be used. The message lists every mistake."""


class NameRefused(UserError):
    """The cloud would refuse this name. The message says which, why and what is allowed."""


class InputUnreadable(UserError):
    """A file that belongs to the content cannot be read."""


class HostError(UserError):
    """This machine is not set up, or no longer is."""


class NotReached(UserError):
    """A cloud does not answer, or not to the credentials of this environment."""


class BakeryError(UserError):
    """What is wrong, where, and what to do. Printed without a traceback."""


class ContentMissing(BakeryError):
    """Content that the stack's state names is no longer in the store."""

    def __init__(self, bake: str) -> None:
        super().__init__(
            f"{bake} is gone from the store, though the stack's state names it; to make it again: "
            "`pulumi up --replace '**Command::*-bake'`"
        )


class Damaged(BakeryError):
    """What should make a record is there, but does not. The message says where and why."""


class Interrupted(BakeryError):
    """The run was cancelled, or whoever asked for it has gone."""
