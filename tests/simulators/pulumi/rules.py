"""What a cloud decides about a type of resource and the SDK does not say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Without any, every change is an update in place, and every resource has a name."""

    replaced_by: frozenset[str] = frozenset()
    named_by: str | None = "name"


def replaced_by(*inputs: str, named_by: str | None = "name") -> Rules:
    return Rules(frozenset(inputs), named_by)
