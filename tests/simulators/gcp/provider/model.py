"""What the models of types of Google Cloud share."""

from typing import ClassVar

from tests.simulators.gcp.provider.calls import Absent, Calls
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.values import Properties


class GcpModel(Model):
    rules: ClassVar[Rules] = Rules()

    def __init__(self, calls: Calls) -> None:
        self.calls = calls


class Guarded(Model):
    """A model for which absence is an answer."""

    def __init__(self, model: GcpModel) -> None:
        self._model = model

    def create(self, name: str, inputs: Properties) -> Made:
        try:
            return self._model.create(name, inputs)
        except Absent as error:
            raise CloudError(f"googleapi: Error 404: {error}, notFound") from None

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            return self._model.read(id, state)
        except Absent:
            return None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        try:
            return self._model.update(id, state, inputs)
        except Absent as error:
            raise CloudError(f"googleapi: Error 404: {error}, notFound") from None

    def delete(self, id: str, state: Properties) -> None:
        try:
            self._model.delete(id, state)
        except Absent:
            return
