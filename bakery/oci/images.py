"""Custom images of a compartment in one region, as the bakery needs them.

Names are not unique on Oracle Cloud, and there is no filter by tags; a list has Oracle's own images
as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from bakery.oci.clients import Access, ask, compute, every, find, library
from bakery.oci.waiting import wait_while
from bakery.whole import whole
from images.errors import BakeryError
from images.tags import RECORD

#: Seconds that an image may take until nobody works on it any more.
_PATIENCE = 900.0
_BUSY = ("PROVISIONING", "IMPORTING", "EXPORTING")
_TRIES = 4


@dataclass(frozen=True)
class Image:
    """One image. `etag` is of all of it: a change names the one it knew."""

    id: str
    name: str
    compartment: str | None
    state: str
    tags: dict[str, str]
    operating_system: str
    version: str
    size_gb: float
    launch: dict[str, object]
    created: str
    etag: str

    @classmethod
    def of(cls, image: Any, etag: str = "") -> Self:
        return cls(
            id=image.id,
            name=image.display_name,
            compartment=image.compartment_id,
            state=image.lifecycle_state,
            tags=dict(image.freeform_tags or {}),
            operating_system=image.operating_system or "",
            version=image.operating_system_version or "",
            size_gb=float(image.billable_size_in_gbs or 0),
            launch=library.util.to_dict(image.launch_options) or {},
            created=image.time_created.isoformat(),
            etag=etag,
        )

    @property
    def system(self) -> str:
        """The operating system and its version."""
        return f"{self.operating_system} {self.version}"

    @property
    def is_there(self) -> bool:
        return self.state != "DELETED"


class Images:
    """Custom images of one compartment in one region."""

    def __init__(self, access: Access, region: str, compartment: str) -> None:
        self._compartment = compartment
        self._client = compute(access, region)

    def all(self, name: str | None = None) -> list[Image]:
        """Return the images, or those of that name, oldest first."""
        asked = {"display_name": name} if name else {}
        found = every(self._client.list_images, self._compartment, **asked)
        ours = [Image.of(one) for one in found if one.compartment_id == self._compartment]
        return sorted((one for one in ours if one.is_there), key=lambda one: one.created)

    def complete(self, bake: str) -> Image | None:
        """The content of that name. Names are not unique: of two that have a record, the older."""
        return next((one for one in self.all(bake) if RECORD in one.tags), None)

    def get(self, id: str) -> Image | None:
        """The one of that id, Oracle's own too."""
        found = find(self._client.get_image, id)
        return Image.of(found.data, found.headers.get("etag", "")) if found else None

    def newest(self, system: str, version: str, shape: str) -> Image | None:
        """Oracle's newest image of an operating system that boots on a shape."""
        found = every(
            self._client.list_images,
            self._compartment,
            operating_system=system,
            operating_system_version=version,
            shape=shape,
            sort_by="TIMECREATED",
            sort_order="DESC",
        )
        own = [Image.of(one) for one in found if one.compartment_id is None]
        return own[0] if own else None

    def shapes(self, id: str) -> dict[str, Any]:
        """The shapes that it boots on, and how far it does: the details that `add_shape` takes."""
        details = library.core.models.AddImageShapeCompatibilityEntryDetails
        return {
            one.shape: details(
                memory_constraints=one.memory_constraints, ocpu_constraints=one.ocpu_constraints
            )
            for one in every(self._client.list_image_shape_compatibility_entries, id)
        }

    def region_shapes(self) -> set[str]:
        """Return the shapes that the region has; some are not in every one."""
        return {one.shape for one in every(self._client.list_shapes, self._compartment)}

    def add_shape(self, id: str, shape: str, details: Any) -> None:
        """Lets it boot on this one too."""
        call = self._client.add_image_shape_compatibility_entry
        ask(call, id, shape, add_image_shape_compatibility_entry_details=details)

    def retag(
        self, id: str, add: Mapping[str, str] | None = None, remove: Sequence[str] = ()
    ) -> None:
        """Changes some of its tags. An update replaces all, so that the others are read before.

        What somebody else changes meanwhile is kept: then it is read again. Raises BakeryError
        where the image is gone.
        """
        again = Retrying(
            retry=retry_if_exception(_changed_meanwhile),
            stop=stop_after_attempt(_TRIES),
            reraise=True,
        )
        again(self._retag, id, add or {}, remove)

    def _retag(self, id: str, add: Mapping[str, str], remove: Sequence[str]) -> None:
        image = self.get(id)
        if image is None or not image.is_there:
            raise BakeryError(f"the image {id} was removed while it was worked on; run again")
        kept = {key: value for key, value in image.tags.items() if key not in remove}
        details = library.core.models.UpdateImageDetails(freeform_tags={**kept, **add})
        ask(self._client.update_image, id, details, if_match=image.etag)

    def remove(self, id: str) -> None:
        """Removes it, once nobody works on it any more, and the schemas that Packer made of it.

        Packer that is told to stop leaves one that is still being made (its step has no clean-up).
        """
        wait_while(lambda: self._state(id) in _BUSY, _PATIENCE, f"the image {id}")
        schemas = self._schemas(id)
        with whole():
            find(self._client.delete_image, id)
            for schema in schemas:
                find(self._client.delete_compute_image_capability_schema, schema)

    def _schemas(self, id: str) -> list[str]:
        call = self._client.list_compute_image_capability_schemas
        try:
            return [one.id for one in every(call, image_id=id)]
        except library.exceptions.ServiceError as error:
            # Whoever may not see them has no Packer that makes any.
            if error.status != 404:
                raise
            return []

    def _state(self, id: str) -> str:
        found = self.get(id)
        return found.state if found else "DELETED"


def _changed_meanwhile(error: BaseException) -> bool:
    """Whether Oracle has refused an update because somebody else's came first."""
    told: Any = error
    return isinstance(error, library.exceptions.ServiceError) and told.status == 412
