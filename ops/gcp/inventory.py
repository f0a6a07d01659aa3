"""Images of a project: content and published ones are beside each other."""

from datetime import datetime

from bakery.gcp import clients
from bakery.gcp.images import Image, Images
from bakery.gcp.leftovers import Leftovers, find_all, remove_all, runs_of
from bakery.progress import Progress
from bakery.records.labels import from_description
from bakery.records.tags import keys
from config.gcp import Gcp
from images.gcp import GcpZone
from images.labels import label
from images.naming import BAKES
from images.record import BakeRecord
from images.tags import BAKE, RELEASE, STACK, VERIFICATION
from ops.inventory import Bake, Found, Use, of_record, read_record


class GcpInventory:
    """Content of one project, machines of one zone."""

    def __init__(self, chosen: Gcp) -> None:
        self._zone = GcpZone(project=chosen.project, zone=chosen.zone, endpoint=chosen.endpoint)
        with clients.translate_errors(chosen.project):
            self._compute = clients.compute(self._zone)

    def bakes(self) -> list[Bake]:
        with clients.translate_errors(self._zone.project):
            every = Images(self._zone, self._compute).all()
        published = [image for image in every if RELEASE in image.labels]
        return [
            self._bake(image, [_use(one) for one in published if _is_of(one, image)])
            for image in every
            if image.name.startswith(BAKES)
        ]

    def remove(self, bake: Bake, progress: Progress) -> None:
        progress.say(f"removing {bake.name}")
        with clients.translate_errors(self._zone.project):
            Images(self._zone, self._compute).remove(bake.name)

    def runs_of(self, owner: str) -> set[str]:
        with clients.translate_errors(self._zone.project):
            return runs_of(self._zone, self._compute, owner)

    def left(self, run: str, stack: str) -> Found:
        with clients.translate_errors(self._zone.project):
            return find_all(self._zone, self._compute, run, stack)

    def clear(self, found: Found, progress: Progress) -> None:
        assert isinstance(found, Leftovers)
        with clients.translate_errors(self._zone.project):
            remove_all(self._zone, self._compute, found, progress)

    def _bake(self, image: Image, uses: list[Use]) -> Bake:
        record, problem = read_record(
            lambda: from_description(image.description, image.labels, BakeRecord)
        )
        place = Bake(
            cloud="gcp",
            where=self._zone.project,
            name=image.name,
            id=image.self_link,
            size_gb=image.archive_bytes / 1e9,
            baked_by=image.labels.get(STACK),
            baked_at=datetime.fromisoformat(image.created),
        )
        verified = bool(keys(VERIFICATION, image.labels))
        return of_record(place, record, uses, verified=verified, problem=problem)


def _is_of(published: Image, content: Image) -> bool:
    return published.labels.get(BAKE) == label(content.name)


def _use(image: Image) -> Use:
    return Use(
        stack=image.labels.get(STACK, "?"),
        # A label takes no dots.
        release=image.labels[RELEASE].replace("-", "."),
        where=image.name,
    )
