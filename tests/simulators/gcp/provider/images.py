"""Images, and who may boot them."""

from typing import ClassVar

from tests.simulators.gcp.provider.model import GcpModel
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

_GIVEN = ("name", "description", "family", "labels", "sourceImage", "storageLocations")


class Image(GcpModel):
    """Of an image that exists, its labels can be changed and nothing else.

    Labels are known of those alone that the state has, of one that is imported none ("this field is
    non-authoritative", resource_compute_image.go); forms of one link are the same to it.
    """

    rules: ClassVar[Rules] = replaced_by(
        *("name", "description", "family", "sourceImage", "sourceDisk", "storageLocations"),
        *("guestOsFeatures", "diskSizeGb", "licenses", "project"),
        computed=frozenset(
            {"storageLocations", "guestOsFeatures", "diskSizeGb", "licenses", "project"}
        ),
    )

    def create(self, name: str, inputs: Properties) -> Made:
        body = {key: inputs[key] for key in _GIVEN if key in inputs}
        if "guestOsFeatures" in inputs:
            body["guestOsFeatures"] = inputs["guestOsFeatures"]
        self.calls.compute("POST", "global/images", body)
        id = f"projects/{self.calls.project}/global/images/{inputs['name']}"
        return Made(id, self.read(id, inputs) or {})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.calls.compute("GET", f"global/images/{id.rpartition('/')[2]}")
        labels = found.get("labels", {})
        return {
            **state,
            **{key: found[key] for key in (*_GIVEN, "selfLink") if key in found},
            "sourceImage": state.get("sourceImage", found["sourceImage"]),
            "labels": {key: labels[key] for key in state.get("labels", {}) if key in labels},
            "guestOsFeatures": found["guestOsFeatures"],
            "creationTimestamp": found["creationTimestamp"],
            "diskSizeGb": int(found["diskSizeGb"]),
            "labelFingerprint": found["labelFingerprint"],
            "effectiveLabels": labels,
            "project": self.calls.project,
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        path = f"global/images/{inputs['name']}"
        fingerprint = self.calls.compute("GET", path)["labelFingerprint"]
        body = {"labels": inputs.get("labels", {}), "labelFingerprint": fingerprint}
        self.calls.compute("POST", f"{path}/setLabels", body)
        return self.read(id, inputs) or {}

    def delete(self, id: str, state: Properties) -> None:
        self.calls.compute("DELETE", f"global/images/{state['name']}")


class ImageIamMember(GcpModel):
    rules: ClassVar[Rules] = replaced_by("image", "role", "member", "project", "condition")

    def create(self, name: str, inputs: Properties) -> Made:
        bindings = [*self._bindings(inputs), _binding(inputs)]
        self._set(inputs, bindings)
        id = f"{inputs['image']}/{inputs['role']}/{inputs['member']}"
        return Made(id, {**inputs, "project": self.calls.project, "etag": "BwAAAAAAAAA="})

    def read(self, id: str, state: Properties) -> Properties | None:
        there = any(
            binding["role"] == state["role"] and state["member"] in binding["members"]
            for binding in self._bindings(state)
        )
        return state if there else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        raise CloudError("nothing of it can be changed")

    def delete(self, id: str, state: Properties) -> None:
        self._set(state, [one for one in self._bindings(state) if one != _binding(state)])

    def _bindings(self, inputs: Properties) -> list[Properties]:
        found = self.calls.compute("GET", f"global/images/{inputs['image']}/getIamPolicy")
        return found.get("bindings", [])

    def _set(self, inputs: Properties, bindings: list[Properties]) -> None:
        body = {"policy": {"bindings": bindings}}
        self.calls.compute("POST", f"global/images/{inputs['image']}/setIamPolicy", body)


def _binding(inputs: Properties) -> Properties:
    return {"role": inputs["role"], "members": [inputs["member"]]}
