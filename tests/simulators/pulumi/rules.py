"""What a cloud decides about a type of resource and the SDK does not say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Without any, every change is an update in place, and every resource has a name.

    `computed` are inputs that the cloud fills in where a program has none (Optional and Computed in
    Terraform's schemas): what is there stays.
    """

    replaced_by: frozenset[str] = frozenset()
    named_by: str | None = "name"
    computed: frozenset[str] = frozenset()


def replaced_by(
    *inputs: str, named_by: str | None = "name", computed: frozenset[str] = frozenset()
) -> Rules:
    return Rules(frozenset(inputs), named_by, computed)
