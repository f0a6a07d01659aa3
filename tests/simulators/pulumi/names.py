"""The name that Pulumi gives where the program gave none, and the mark that it did."""

import hashlib
import secrets

from tests.simulators.pulumi.values import Properties

# Providers note in a resource's inputs which of them the program did not give.
MARK = "__defaults"
DIGITS = 7


def fill_in(inputs: Properties, old: Properties, name: str | None, own: str, seed: bytes) -> None:
    """Name the resource: as before when it was filled in before, else after its Pulumi name."""
    if name is None or name in inputs:
        return
    if filled_in(old, name):
        inputs[name] = old[name]
    else:
        digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(DIGITS)
        inputs[name] = f"{own}-{digits[:DIGITS]}"
    inputs[MARK] = [name]


def filled_in(inputs: Properties, name: str | None) -> bool:
    return name in inputs.get(MARK, [])


def without_marks(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if name != MARK}
