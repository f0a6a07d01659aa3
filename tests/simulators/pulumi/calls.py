"""One call of the engine to a provider, as the log has it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """`kind` is a resource's type or a function's token, `at` seconds since the epoch."""

    package: str
    operation: str
    kind: str
    name: str
    urn: str
    preview: bool
    at: float
