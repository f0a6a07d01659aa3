"""How a simulated cloud says no."""

from tests.simulators.pulumi.values import Properties


class CloudError(Exception):
    """The cloud refused; the text is what the user sees."""


class Absent(Exception):
    """There is no such thing (any more)."""


class Unsupported(Exception):
    """The package has no such resource or function."""


class HalfMade(Exception):
    """It exists, with these properties, but something about it failed and is to be put right."""

    def __init__(self, reason: str, id: str, outputs: Properties, inputs: Properties) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id = id
        self.outputs = outputs
        self.inputs = inputs
