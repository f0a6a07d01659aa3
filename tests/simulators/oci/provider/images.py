"""Images, as terraform-provider-oci makes them: core_image_resource.go.

It waits for the work request, whose end is not its own judgement: the image's state decides. The id
is set before it waits, so a failed import is in the state, half made.
"""

import time
from typing import Any, ClassVar

import oci

from tests.simulators.oci.provider.calls import Calls
from tests.simulators.pulumi.cloud import Made, Model
from tests.simulators.pulumi.errors import Absent, CloudError, HalfMade
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

_GOES_ON = ("ACCEPTED", "IN_PROGRESS")
_WAIT = 0.02


class Image(Model):
    rules: ClassVar[Rules] = replaced_by(
        *("imageSourceDetails", "launchMode", "instanceId"),
        named_by=None,
        computed=frozenset({"launchMode"}),
    )

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(self, name: str, inputs: Properties) -> Made:
        source = inputs["imageSourceDetails"]
        details = oci.core.models.CreateImageDetails(
            compartment_id=inputs["compartmentId"],
            display_name=inputs.get("displayName"),
            freeform_tags=inputs.get("freeformTags", {}),
            image_source_details=oci.core.models.ImageSourceViaObjectStorageTupleDetails(
                namespace_name=source["namespaceName"],
                bucket_name=source["bucketName"],
                object_name=source["objectName"],
            ),
        )
        try:
            answer = self._calls.ask(self._calls.compute().create_image, details)
        except Absent as error:
            raise CloudError(f"404-NotAuthorizedOrNotFound, {error}") from None
        id = answer.data.id
        self._wait(answer.headers["opc-work-request-id"])
        found = self._found(id)
        if found.lifecycle_state != "AVAILABLE":
            reason = (
                f"unexpected state '{found.lifecycle_state}', wanted target 'AVAILABLE'. "
                "last error: the import has failed"
            )
            raise HalfMade(reason, id, _outputs(inputs, found), inputs)
        return Made(id, _outputs(inputs, found))

    def read(self, id: str, state: Properties) -> Properties | None:
        try:
            found = self._found(id)
        except Absent:
            return None
        return None if found.lifecycle_state == "DELETED" else _outputs(state, found)

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        details = oci.core.models.UpdateImageDetails(
            display_name=inputs.get("displayName"), freeform_tags=inputs.get("freeformTags", {})
        )
        try:
            self._calls.ask(self._calls.compute().update_image, id, details)
            return _outputs(inputs, self._found(id))
        except Absent as error:
            raise CloudError(f"404-NotAuthorizedOrNotFound, {error}") from None

    def delete(self, id: str, state: Properties) -> None:
        try:
            self._calls.ask(self._calls.compute().delete_image, id)
        except Absent:
            return

    def _found(self, id: str) -> Any:
        return self._calls.ask(self._calls.compute().get_image, id).data

    def _wait(self, work: str) -> None:
        client = self._calls.client(oci.work_requests.WorkRequestClient)
        while self._calls.ask(client.get_work_request, work).data.status in _GOES_ON:
            time.sleep(_WAIT)


def _outputs(inputs: Properties, found: Any) -> Properties:
    """What it was made of is never read back (SetData): an import does not know it."""
    return {
        **inputs,
        "compartmentId": found.compartment_id,
        "displayName": found.display_name,
        "freeformTags": dict(found.freeform_tags or {}),
        "state": found.lifecycle_state,
        "operatingSystem": found.operating_system,
        "operatingSystemVersion": found.operating_system_version,
        "launchMode": found.launch_mode,
        "timeCreated": found.time_created.isoformat(),
    }
