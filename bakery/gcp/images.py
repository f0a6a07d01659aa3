"""Images of a project, as the bakery needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bakery.gcp import operations
from bakery.gcp.clients import Json, ask, every, find
from images.gcp import GcpProject

#: Whom an image is opened to that everyone may boot: whoever has a Google account.
EVERYONE = "allAuthenticatedUsers"
USER = "roles/compute.imageUser"
#: The project of Ubuntu's own images.
UBUNTU = "ubuntu-os-cloud"


#: States in which no machine can be made of an image; of one that is only deprecated it can
#: ("Deprecate a custom image", Compute Engine's documentation).
_WITHDRAWN = {"OBSOLETE", "DELETED"}


@dataclass(frozen=True)
class Image:
    """One image. `fingerprint` is of its labels: a change names the ones it knew.

    `archive_bytes` is what Compute Engine keeps of it and charges for.
    """

    id: str
    name: str
    project: str
    self_link: str
    ready: bool
    replacement: str | None
    withdrawn: bool
    family: str
    architecture: str
    disk_gb: int
    archive_bytes: int
    created: str
    description: str
    features: list[str]
    labels: dict[str, str]
    fingerprint: str

    @classmethod
    def of(cls, project: str, image: Json) -> Self:
        """Makes one from what the API says, which leaves out what is empty."""
        return cls(
            id=image["id"],
            name=image["name"],
            project=project,
            self_link=image["selfLink"],
            ready=image["status"] == "READY",
            replacement=image.get("deprecated", {}).get("replacement"),
            withdrawn=image.get("deprecated", {}).get("state", "") in _WITHDRAWN,
            family=image.get("family", ""),
            architecture=image.get("architecture", ""),
            disk_gb=int(image.get("diskSizeGb", 0)),
            archive_bytes=int(image.get("archiveSizeBytes", 0)),
            created=image["creationTimestamp"],
            description=image.get("description", ""),
            features=sorted(feature["type"] for feature in image.get("guestOsFeatures", [])),
            labels=image.get("labels", {}),
            fingerprint=image["labelFingerprint"],
        )


class Images:
    """All that the project has."""

    def __init__(self, target: GcpProject, compute: Any) -> None:
        self._target, self._compute = target, compute
        self._project = target.project
        self._images = compute.images()

    def named(self, name: str, project: str | None = None) -> Image | None:
        """The one of that name; of another project only if these credentials may see it."""
        project = project or self._project
        found = find(self._images.get(project=project, image=name))
        return Image.of(project, found) if found else None

    def newest(self, family: str, project: str | None = None) -> Image | None:
        """The newest one of a family that is not deprecated."""
        project = project or self._project
        found = find(self._images.getFromFamily(project=project, family=family))
        return Image.of(project, found) if found else None

    def all(self) -> list[Image]:
        """Return the images of the project itself."""
        found = every(self._images, project=self._project)
        return [Image.of(self._project, image) for image in found]

    def public(self, name: str) -> bool:
        """Whether everyone may boot it."""
        policy = ask(self._images.getIamPolicy(project=self._project, resource=name))
        return any(
            binding["role"] == USER and EVERYONE in binding["members"]
            for binding in policy.get("bindings", [])
        )

    def describe(self, name: str, text: str) -> None:
        """Gives it another description."""
        body = {"description": text}
        self._change(self._images.patch(project=self._project, image=name, body=body))

    def relabel(self, image: Image, labels: Mapping[str, str]) -> None:
        """Gives it these labels and no others. Fails if they have changed since."""
        body = {"labels": dict(labels), "labelFingerprint": image.fingerprint}
        self._change(self._images.setLabels(project=self._project, resource=image.name, body=body))

    def deprecate(self, name: str, replacement: str | None) -> None:
        """Says that another is to be used instead: it still boots, but families pass it over.

        Without a replacement it is as any other again.
        """
        body = {"state": "ACTIVE"}
        if replacement:
            body = {"state": "DEPRECATED", "replacement": replacement}
        self._change(self._images.deprecate(project=self._project, image=name, body=body))

    def remove(self, name: str) -> None:
        """Removes it, if it is there still."""
        operation = find(self._images.delete(project=self._project, image=name))
        if operation:
            operations.of_project(self._compute, self._target, operation)

    def _change(self, request: Any) -> None:
        operations.of_project(self._compute, self._target, ask(request))
