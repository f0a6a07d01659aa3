"""What a cloud decides about a type of resource and the SDK does not say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Without any, every change is an update in place, and every resource has a name.

    `computed` are inputs that the cloud fills in where a program has none (Optional and Computed in
    Terraform's schemas): what is there stays. `by_state`: a change is measured against the outputs
    of the state, as bridged providers do (pulumi-terraform-bridge, pkg/tfbridge/provider.go,
    `Diff`); it shows where the cloud says more or less than the inputs.
    """

    replaced_by: frozenset[str] = frozenset()
    named_by: str | None = "name"
    computed: frozenset[str] = frozenset()
    by_state: bool = False


def replaced_by(
    *inputs: str,
    named_by: str | None = "name",
    computed: frozenset[str] = frozenset(),
    by_state: bool = False,
) -> Rules:
    return Rules(frozenset(inputs), named_by, computed, by_state)
