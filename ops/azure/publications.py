"""What stacks have published of content: managed images and gallery image versions, by their tags.

Azure answers a list with what may be read of it, and be it nothing (Azure/azure-sdk-for-go#14110);
what is asked for by its name is refused. So rights are asked for by names.
"""

from collections.abc import Callable, Iterator, Mapping

from azure.core.exceptions import HttpResponseError

from bakery.azure import clients
from images.azure import AzureSubscription
from images.tags import BAKE, RELEASE, STACK
from ops.inventory import Use

#: Of what need not be there: whoever may look is told that it is not.
_ANY, _ANY_VERSION = "any", "0.0.0"


class Publications:
    """Those of a subscription's groups."""

    def __init__(self, of: AzureSubscription) -> None:
        self._compute = clients.compute(of)
        self._resources = clients.resources(of)

    def of(self, group: str) -> list[tuple[str, Use]] | None:
        """Bakes and their uses; None where these credentials may not look."""
        try:
            if not self._resources.resource_groups.check_existence(group):
                return []
            self._check_rights(group)
            return list(self._published(group))
        except HttpResponseError as error:
            if error.status_code != 403:
                raise
            return None

    def _check_rights(self, group: str) -> None:
        """Raises HttpResponseError where a list could lack something."""
        looks: list[Callable[[], object]] = [
            lambda: self._compute.images.get(group, _ANY),
            lambda: self._compute.galleries.get(group, _ANY),
            lambda: self._compute.gallery_images.get(group, _ANY, _ANY),
            lambda: self._compute.gallery_image_versions.get(group, _ANY, _ANY, _ANY_VERSION),
        ]
        for look in looks:
            with clients.absent_is_fine():
                look()

    def _published(self, group: str) -> Iterator[tuple[str, Use]]:
        for tags in self._tags(group):
            if RELEASE in tags and BAKE in tags:
                yield (
                    tags[BAKE],
                    Use(stack=tags.get(STACK, "?"), release=tags[RELEASE], where=group),
                )

    def _tags(self, group: str) -> Iterator[Mapping[str, str]]:
        for image in self._compute.images.list_by_resource_group(group):
            yield image.tags or {}
        for gallery in self._compute.galleries.list_by_resource_group(group):
            name = gallery.name or ""
            for definition in self._compute.gallery_images.list_by_gallery(group, name):
                where = (group, name, definition.name or "")
                for version in self._compute.gallery_image_versions.list_by_gallery_image(*where):
                    yield version.tags or {}
