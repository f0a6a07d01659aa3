"""Managed images of a group, and the snapshots of the disks that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import models

from bakery.azure import clients
from bakery.azure.clients import absent_is_fine
from images.azure import AzureSubscription


@dataclass(frozen=True)
class Image:
    """One managed image."""

    id: str
    name: str
    ready: bool
    disk_gb: int
    tags: dict[str, str]

    @classmethod
    def of(cls, image: models.Image) -> Self:
        """Makes one from what the API says."""
        profile = image.properties.storage_profile if image.properties else None
        disk = profile.os_disk if profile else None
        return cls(
            id=image.id or "",
            name=image.name or "",
            disk_gb=(disk.disk_size_gb if disk else None) or 0,
            ready=image.provisioning_state == "Succeeded",
            tags=dict(image.tags or {}),
        )


class Images:
    """All of a group."""

    def __init__(self, target: AzureSubscription, group: str) -> None:
        self._group = group
        self._client = clients.compute(target)

    def named(self, name: str) -> Image | None:
        """The one of that name."""
        try:
            return Image.of(self._client.images.get(self._group, name))
        except ResourceNotFoundError:
            return None

    def all(self) -> list[Image]:
        """Return the group's images; none where there is no such group."""
        try:
            return [
                Image.of(image) for image in self._client.images.list_by_resource_group(self._group)
            ]
        except ResourceNotFoundError:
            return []

    def retag(self, name: str, tags: Mapping[str, str]) -> None:
        """Gives it these tags and no others, all at once."""
        update = models.ImageUpdate(tags=dict(tags))
        self._client.images.begin_update(self._group, name, update).result()

    def remove(self, name: str) -> None:
        """Removes it, if it is there still."""
        with absent_is_fine():
            self._client.images.begin_delete(self._group, name).result()


class Snapshots:
    """All of a group."""

    def __init__(self, target: AzureSubscription, group: str) -> None:
        self._group = group
        self._client = clients.compute(target)

    def tags(self, name: str) -> dict[str, str] | None:
        """Return the tags of the one of that name, or None if there is none."""
        try:
            return dict(self._client.snapshots.get(self._group, name).tags or {})
        except ResourceNotFoundError:
            return None

    def retag(self, name: str, tags: Mapping[str, str]) -> None:
        """Gives it these tags and no others."""
        update = models.SnapshotUpdate(tags=dict(tags))
        self._client.snapshots.begin_update(self._group, name, update).result()

    def remove(self, name: str) -> None:
        """Removes it, if it is there still."""
        with absent_is_fine():
            self._client.snapshots.begin_delete(self._group, name).result()
