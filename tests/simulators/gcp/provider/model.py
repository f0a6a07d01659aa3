"""What the models of types of Google Cloud share."""

from typing import ClassVar

from tests.simulators.gcp.provider.calls import Calls
from tests.simulators.pulumi.cloud import Model
from tests.simulators.pulumi.rules import Rules


class GcpModel(Model):
    rules: ClassVar[Rules] = Rules()

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
