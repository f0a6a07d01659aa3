"""Absence as an answer, for models that ask a cloud."""

from collections.abc import Callable

from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import Absent, CloudError
from tests.simulators.pulumi.values import Properties


class Guarded(Model):
    """A model for which absence is an answer; `words` are its provider's for what is not there."""

    def __init__(self, model: Model, words: Callable[[Absent], str] = str) -> None:
        self._model, self._words = model, words

    def create(self, name: str, inputs: Properties) -> Made:
        try:
            return self._model.create(name, inputs)
        except Absent as error:
            raise CloudError(self._words(error)) from None

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            return self._model.read(id, state)
        except Absent:
            return None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        try:
            return self._model.update(id, state, inputs)
        except Absent as error:
            raise CloudError(self._words(error)) from None

    def delete(self, id: str, state: Properties) -> None:
        try:
            self._model.delete(id, state)
        except Absent:
            return
