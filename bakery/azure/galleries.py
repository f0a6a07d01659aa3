"""A gallery: its definitions, their versions, and how everyone knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.polling import LROPoller
from azure.mgmt.compute import models

from bakery.azure import clients
from bakery.azure.clients import absent_is_fine, word
from images.azure import AzureTarget
from images.errors import BakeryError
from images.regions import plain_region

_DONE = "Completed"
_VERSION = re.compile(r".*/images/(?P<name>[^/]+)/versions/(?P<number>[^/]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Version:
    """One gallery image version; `regions` say how far each one is."""

    excluded: bool
    regions: dict[str, str]
    tags: dict[str, str]

    @classmethod
    def of(cls, version: models.GalleryImageVersion) -> Self:
        """Makes one from what the API says, asked for the replication."""
        about = version.properties or models.GalleryImageVersionProperties(
            storage_profile=models.GalleryImageVersionStorageProfile()
        )
        profile, status = about.publishing_profile, about.replication_status
        wanted = (profile.target_regions if profile else None) or []
        states = {
            plain_region(one.region or ""): _told(one)
            for one in (status.summary if status else None) or []
        }
        regions = [plain_region(region.name) for region in wanted]
        return cls(
            excluded=bool(profile and profile.exclude_from_latest),
            regions={region: states.get(region, "Unknown") for region in regions},
            tags=dict(version.tags or {}),
        )

    @property
    def missing(self) -> dict[str, str]:
        """Regions that it is not in yet."""
        return {region: state for region, state in self.regions.items() if state != _DONE}


class Gallery:
    """The one of the target."""

    def __init__(self, target: AzureTarget) -> None:
        if target.gallery is None:
            raise BakeryError(
                "there is no gallery: name one with dstack-images:clouds.azure.gallery"
            )
        self._place, self._wanted = (target.publication, target.gallery), target.public_name
        self._client = clients.compute(target)

    def public_name(self) -> str | None:
        """Return the name by which everyone knows the gallery, or None where it is not shared.

        Of several, the one that is configured. Raises BakeryError where the gallery lacks it.
        """
        found = self._client.galleries.get(*self._place, select="Permissions")
        profile = None if found.properties is None else found.properties.sharing_profile
        info = None if profile is None else profile.community_gallery_info
        names = (info.public_names if info and info.community_gallery_enabled else None) or []
        if self._wanted and names and self._wanted not in names:
            raise BakeryError(
                f"{self._place[1]} is known as {', '.join(names)} to everyone, and not as "
                f"{self._wanted}, which is dstack-images:clouds.azure.publicName"
            )
        return (self._wanted or names[0]) if names else None

    def share(self, operation: str) -> None:
        """`EnableCommunity` opens it to everyone, `Reset` closes it."""
        update = models.SharingUpdate(operation_type=operation)
        self._client.gallery_sharing_profile.begin_update(*self._place, update).result()

    def definition(self, name: str) -> dict[str, str] | None:
        """Return the definition's tags, or None if it does not exist."""
        try:
            return dict(self._client.gallery_images.get(*self._place, name).tags or {})
        except ResourceNotFoundError:
            return None

    def versions(self, name: str) -> list[str]:
        """Numbers of a definition's versions."""
        found = self._client.gallery_image_versions.list_by_gallery_image(*self._place, name)
        return [version.name or "" for version in found]

    def version(self, name: str, number: str) -> Version | None:
        """One of a definition."""
        try:
            found = self._client.gallery_image_versions.get(
                *self._place, name, number, expand="ReplicationStatus"
            )
        except ResourceNotFoundError:
            return None
        return Version.of(found)

    def send_again(self, name: str, number: str) -> str | None:
        """Has Azure copy it to the regions that it failed to get to; what went wrong, if it did.

        Raises what azure-core raises where Azure does not even begin.
        """
        begun = self._write(name, number, self._profile(name, number))
        try:
            begun.result()
        except HttpResponseError as error:
            return str(error)
        return None

    def include(self, name: str, number: str) -> None:
        """Lets servers have it when they ask for the latest one."""
        profile = self._profile(name, number)
        profile.exclude_from_latest = False
        self._write(name, number, profile).result()

    def _profile(self, name: str, number: str) -> models.GalleryImageVersionPublishingProfile:
        """Whole: Azure takes a part of it for all of it."""
        found = self._client.gallery_image_versions.get(*self._place, name, number)
        profile = None if found.properties is None else found.properties.publishing_profile
        if profile is None:
            raise BakeryError(f"Azure does not say where {name} {number} is to be; run again")
        return profile

    def _write(
        self, name: str, number: str, profile: models.GalleryImageVersionPublishingProfile
    ) -> LROPoller[models.GalleryImageVersion]:
        """Only the profile: Azure refuses the storage profile that it answers with, which has the
        source in two places (Azure-Samples/ansible-playbooks issue 89; `az sig image-version
        update` takes one of them out)."""
        update = models.GalleryImageVersionUpdate({"properties": {"publishingProfile": profile}})
        return self._client.gallery_image_versions.begin_update(*self._place, name, number, update)

    def remove_version(self, name: str, number: str) -> None:
        """Removes it, if it is there still."""
        with absent_is_fine():
            self._client.gallery_image_versions.begin_delete(*self._place, name, number).result()

    def remove_definition(self, name: str) -> None:
        """Removes it, if it is there still. Azure refuses one that has versions."""
        with absent_is_fine():
            self._client.gallery_images.begin_delete(*self._place, name).result()

    def in_community(self, public_name: str, region: str, name: str) -> bool:
        """Whether servers find it there: they know nothing but these three."""
        try:
            self._client.community_gallery_images.get(region, public_name, name)
        except ResourceNotFoundError:
            return False
        return True


def _told(status: models.RegionalReplicationStatus) -> str:
    state = word(status.state)
    return f"{state} ({status.details})" if status.details and state != _DONE else state


def name_and_number(version: str) -> tuple[str, str]:
    """Return the name and the number in the id of a version."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise BakeryError(f"{version!r} is not the id of a gallery image version")
    return found["name"], found["number"]
