"""What a refresh makes of a resource's inputs.

The next preview compares the program with these: what drifted has to show there.
"""

from simulator import names, sdk
from simulator.values import Properties, is_secret, reveal, secret


def inputs_as_seen(inputs: Properties, outputs: Properties, shape: sdk.Shape) -> Properties:
    if not inputs:
        # Nothing is known but the ID: an import.
        return {name: value for name, value in outputs.items() if name in shape.types}
    seen: Properties = {}
    for name, value in inputs.items():
        if name == names.MARK or reveal(value) == outputs.get(name):
            seen[name] = value
        elif name in outputs:
            seen[name] = secret(outputs[name]) if is_secret(value) else outputs[name]
    return seen
