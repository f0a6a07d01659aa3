"""Cloud Storage: buckets."""

from typing import ClassVar

from tests.simulators.gcp.provider.model import GcpModel
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


class Bucket(GcpModel):
    rules: ClassVar[Rules] = replaced_by("name", "location", "project")

    def create(self, name: str, inputs: Properties) -> Made:
        self.calls.call("storage", "POST", "b", {"name": inputs["name"]})
        return Made(inputs["name"], self._outputs(inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        self.calls.call("storage", "GET", f"b/{id}")
        return state

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        self.calls.call("storage", "GET", f"b/{id}")
        return self._outputs(inputs)

    def delete(self, id: str, state: Properties) -> None:
        if state.get("forceDestroy"):
            self.calls.call("storage", "DELETE", f"b/{id}/o")
        self.calls.call("storage", "DELETE", f"b/{id}")

    def _outputs(self, inputs: Properties) -> Properties:
        link = f"https://www.googleapis.com/storage/v1/b/{inputs['name']}"
        return {**inputs, "selfLink": link, "url": f"gs://{inputs['name']}"}
