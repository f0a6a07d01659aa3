"""Images of a project, as the bakery needs them."""

# Of Google's clients only the messages have types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from google.api_core.exceptions import NotFound
from google.cloud import compute_v1

from bakery.gcp import clients, operations
from bakery.gcp.clients import RETRY
from images.targets import GcpTarget

#: Whom an image is opened to that everyone may boot: whoever has a Google account.
EVERYONE = "allAuthenticatedUsers"
USER = "roles/compute.imageUser"


@dataclass(frozen=True)
class Image:
    """One image. `fingerprint` is of its labels: a change names the ones it knew."""

    id: str
    name: str
    project: str
    self_link: str
    ready: bool
    replacement: str | None
    family: str
    architecture: str
    disk_gb: int
    description: str
    features: list[str]
    labels: dict[str, str]
    fingerprint: str

    @classmethod
    def of(cls, project: str, image: compute_v1.Image) -> Self:
        """From what the API says."""
        return cls(
            id=str(image.id),
            name=image.name,
            project=project,
            self_link=image.self_link,
            ready=image.status == "READY",
            replacement=str(cast(Any, image).deprecated.replacement) or None,
            family=image.family,
            architecture=image.architecture,
            disk_gb=image.disk_size_gb,
            description=image.description,
            features=sorted(str(feature.type_) for feature in image.guest_os_features),
            labels=dict(image.labels),
            fingerprint=image.label_fingerprint,
        )


class Images:
    """All that the project has."""

    def __init__(self, target: GcpTarget) -> None:
        self._target = target
        self._project = target.project
        self._client = clients.images(target)

    def named(self, name: str, project: str | None = None) -> Image | None:
        """The one of that name; of another project only if these credentials may see it."""
        project = project or self._project
        try:
            return Image.of(project, self._client.get(project=project, image=name, retry=RETRY))
        except NotFound:
            return None

    def newest(self, family: str, project: str | None = None) -> Image | None:
        """The newest one of a family that is not deprecated."""
        project = project or self._project
        try:
            found = self._client.get_from_family(project=project, family=family, retry=RETRY)
        except NotFound:
            return None
        return Image.of(project, found)

    def all(self) -> list[Image]:
        """Those of the project itself."""
        return [
            Image.of(self._project, image)
            for image in self._client.list(project=self._project, retry=RETRY)
        ]

    def public(self, name: str) -> bool:
        """Whether everyone may boot it."""
        policy = self._client.get_iam_policy(project=self._project, resource=name, retry=RETRY)
        return any(
            binding.role == USER and EVERYONE in binding.members for binding in policy.bindings
        )

    def describe(self, name: str, text: str) -> None:
        """Gives it another description."""
        self._wait(
            self._client.patch_unary(
                project=self._project,
                image=name,
                image_resource=compute_v1.Image(description=text),
                retry=RETRY,
            )
        )

    def relabel(self, image: Image, labels: Mapping[str, str]) -> None:
        """Gives it these labels and no others. Fails if they have changed since."""
        request = compute_v1.GlobalSetLabelsRequest(
            label_fingerprint=image.fingerprint, labels=dict(labels)
        )
        self._wait(
            self._client.set_labels_unary(
                project=self._project,
                resource=image.name,
                global_set_labels_request_resource=request,
                retry=RETRY,
            )
        )

    def deprecate(self, name: str, replacement: str | None) -> None:
        """Says that another is to be used instead: it still boots, but families pass it over.

        Without a replacement it is as any other again.
        """
        state = compute_v1.DeprecationStatus(
            state="DEPRECATED" if replacement else "ACTIVE", replacement=replacement
        )
        self._wait(
            self._client.deprecate_unary(
                project=self._project,
                image=name,
                deprecation_status_resource=state,
                retry=RETRY,
            )
        )

    def remove(self, name: str) -> None:
        """Removes it, if it is there still."""
        try:
            operation = self._client.delete_unary(project=self._project, image=name, retry=RETRY)
        except NotFound:
            return
        self._wait(operation)

    def _wait(self, operation: compute_v1.Operation) -> None:
        operations.of_project(self._target, operation)
