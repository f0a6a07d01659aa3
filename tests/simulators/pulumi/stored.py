"""A type of resource that only the store keeps."""

from tests.simulators.pulumi.cloud import Cloud, Made, Model
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.store import Store
from tests.simulators.pulumi.values import Properties


class Stored(Model):
    def __init__(self, cloud: Cloud, store: Store, kind: str) -> None:
        self._cloud = cloud
        self._store = store
        self._kind = kind

    def create(self, name: str, inputs: Properties) -> Made:
        id = self._cloud.identify(self._kind, name, inputs)
        if self._store.get(self._kind, id) and not self._cloud.is_setting(self._kind):
            raise CloudError(f"{self._kind} {id} already exists")
        return Made(id, self._outputs(id, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        record = self._store.get(self._kind, id)
        return record.outputs if record else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        if self._store.get(self._kind, id) is None:
            raise CloudError(f"{self._kind} {id} was not found")
        return self._outputs(id, inputs)

    def delete(self, id: str, state: Properties) -> None:
        """The record goes with the resource, whatever backs it: nothing is left to do."""

    def _outputs(self, id: str, inputs: Properties) -> Properties:
        return {**self._cloud.computed(self._kind, id, inputs), **inputs}
