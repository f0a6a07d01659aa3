"""Managed images of a group; published ones and gallery image versions in other groups."""

from bakery.azure import clients
from bakery.azure.images import Image, Images, Snapshots
from bakery.azure.leftovers import Leftovers, find_all, remove_all, runs_of
from bakery.progress import Progress
from bakery.records.tags import from_tags, keys
from config.azure import Azure
from images.azure import AzureGroups
from images.errors import UserError
from images.naming import BAKES, snapshot_name
from images.record import BakeRecord
from images.tags import RECORD, STACK, VERIFICATION
from ops.azure.publications import Publications
from ops.azure.subscription import subscription
from ops.inventory import Bake, Found, Use, of_record, read_record
from ops.stacks import settings_of, stack_names


class AzureInventory:
    """Content of one group, machines of another."""

    def __init__(self, chosen: Azure) -> None:
        self._chosen = chosen
        self._groups = AzureGroups(
            **subscription(chosen.endpoint).model_dump(),
            group=chosen.packer_group,
            build_group=chosen.builds_in,
        )
        self._publications = Publications(self._groups)

    def bakes(self) -> list[Bake]:
        with clients.translate_errors(self._groups.group):
            every = Images(self._groups, self._groups.group).all()
        content = [image for image in every if image.name.startswith(BAKES)]
        uses, unseen = self._uses() if content else ({}, [])
        return [self._bake(image, uses.get(image.name, []), unseen) for image in content]

    def remove(self, bake: Bake, progress: Progress) -> None:
        progress.say(f"removing {bake.name} and its snapshot")
        with clients.translate_errors(self._groups.group):
            # First: without its snapshot, an image is known to be no content.
            Snapshots(self._groups, self._groups.group).remove(snapshot_name(bake.name))
            Images(self._groups, self._groups.group).remove(bake.name)

    def runs_of(self, owner: str) -> set[str]:
        with clients.translate_errors(self._groups.group):
            return runs_of(self._groups, owner)

    def left(self, run: str, stack: str) -> Found:
        with clients.translate_errors(self._groups.group):
            return find_all(self._groups, run, stack)

    def clear(self, found: Found, progress: Progress) -> None:
        assert isinstance(found, Leftovers)
        with clients.translate_errors(self._groups.group):
            remove_all(self._groups, found, progress)

    def _bake(self, image: Image, uses: list[Use], unseen: list[str]) -> Bake:
        record, problem = read_record(lambda: from_tags(RECORD, image.tags, BakeRecord))
        place = Bake(
            cloud="azure",
            where=self._groups.group,
            name=image.name,
            id=image.id,
            size_gb=image.disk_gb or None,
            baked_by=image.tags.get(STACK),
            unseen=unseen,
        )
        verified = bool(keys(VERIFICATION, image.tags))
        return of_record(place, record, uses, verified=verified, problem=problem)

    def _uses(self) -> tuple[dict[str, list[Use]], list[str]]:
        """Bake to what is published of it, and the groups that nobody could look into."""
        groups, unseen = self._publishing()
        found: dict[str, list[Use]] = {}
        for group in groups:
            with clients.translate_errors(group):
                published = self._publications.of(group)
            if published is None:
                unseen.append(group)
            for bake, use in published or ():
                found.setdefault(bake, []).append(use)
        return found, unseen

    def _publishing(self) -> tuple[list[str], list[str]]:
        """Return the groups in which this checkout's stacks publish: who bakes may see no others.

        And stacks whose files have mistakes, so nobody knows where they have published.
        """
        groups, unread = [self._chosen.resource_group], list[str]()
        for stack in stack_names():
            try:
                other = settings_of(stack).clouds.azure
            except UserError:
                unread.append(f"of the stack {stack}, whose file has mistakes")
                continue
            if other is not None:
                groups.append(other.resource_group)
        return list(dict.fromkeys(groups)), unread
