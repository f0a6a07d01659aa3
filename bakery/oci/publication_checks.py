"""Looks at regions before images get their names, and at what was imported afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bakery.oci import clients
from bakery.oci.bucket import Bucket, ServiceNotAllowed
from bakery.oci.copying import must_be_allowed
from bakery.oci.export import Exports
from bakery.oci.images import Image, Images
from bakery.oci.listings import Listings
from bakery.oci.place import room_for_images
from bakery.progress import Progress
from bakery.publication_checks import preflight_passed, wait_until, way_out
from images.errors import BakeryError, ContentMissing
from images.job import CheckPublishedJob, PreflightJob, PreflightPassed, Published, RemoveOrphanJob
from images.oci import OciTarget
from images.tags import BAKE, STACK, whose

_READY = "READY"


class OciPublicationChecks:
    """The images of one compartment, in any region."""

    def __init__(self, target: OciTarget) -> None:
        self._target = target
        self._access = clients.access()

    def preflight(self, job: PreflightJob, progress: Progress) -> PreflightPassed:
        refused: list[str] = []
        with clients.translate_errors(self._target.region):
            subscribed = self._subscribed()
        for region in job.locations:
            progress.say(f"looking at {region}")
            if region not in subscribed:
                refused.append(
                    f"{region}: the tenancy is not subscribed to it, or not yet; it has "
                    f"{', '.join(sorted(subscribed))}"
                )
                continue
            with clients.translate_errors(region):
                refused += self._refusals(job, region)
        passed = preflight_passed(job, refused)
        self._must_be_copied(job, progress)
        return passed

    def remove_orphan(self, job: RemoveOrphanJob, progress: Progress) -> None:
        region = job.location
        with clients.translate_errors(region):
            if self._images(self._target.region).complete(job.bake) is None:
                raise ContentMissing(job.bake)
            images = self._images(region)
            for present in images.all(job.name):
                if present.tags.get(STACK) != job.stack:
                    raise BakeryError(
                        f"{region}: the name {job.name} is taken by an image that belongs to "
                        f"{whose(present.tags)}; a server would not know which one is meant"
                    )
                if not _same(present, job):
                    # Of the stack's earlier content: Pulumi removes it once this one is there.
                    continue
                if job.protect and self._published(region, job.name, present.id):
                    raise BakeryError(
                        f"{region}: {job.name} is published, but the stack's state does not know "
                        "it. Take it over: docs/oci.md says how"
                    )
                progress.say(f"removing {job.name} in {region}, which was made but never recorded")
                images.remove(present.id)

    def check_published(self, job: CheckPublishedJob, progress: Progress) -> Published:
        found: dict[str, str] = {}
        with clients.translate_errors(self._target.region):
            home = self._images(self._target.region)
            content = home.complete(job.bake)
            shapes = home.shapes(content.id) if content else dict[str, Any]()
        for region, expected in job.ids.items():
            with clients.translate_errors(region):
                self._restore(region, expected, shapes, progress)
                wait_until(
                    region, lambda at=region, id=expected: self._problem(job, at, id, content)
                )
                if content:
                    Exports(self._target).remove_copy(content, job.name, region)
            found[region] = expected
            progress.say(f"{job.name} is in {region}, as it was baked")
        return Published(name=job.name, found=found)

    def _refusals(self, job: PreflightJob, region: str) -> Iterator[str]:
        missing = 0
        for name in job.names:
            present = self._images(region).all(name)
            missing += not present
            for image in present:
                if image.tags.get(STACK) == job.stack:
                    continue
                public = self._published(region, name, image.id)
                yield (
                    f"{region}: the name {name} is taken by an image that belongs to "
                    f"{whose(image.tags)}; {way_out(public, 'delete that image')}"
                )
            if job.public:
                yield from self._listed(job, region, name)
        room = room_for_images(self._access, region)
        if room is not None and room < missing:
            yield (
                f"{region}: there is room for {room} more custom images (custom-image-count) and "
                f"{missing} are to be made; ask Oracle for more"
            )

    def _must_be_copied(self, job: PreflightJob, progress: Progress) -> None:
        buckets = [
            Bucket(self._access, region, self._target.compartment, self._target.bucket)
            for region in dict.fromkeys([self._target.region, *job.locations])
        ]
        with clients.translate_errors("trying to copy between regions"):
            try:
                must_be_allowed(buckets[0], buckets[1:], progress)
            except ServiceNotAllowed as error:
                preflight_passed(job, [f"{self._target.region}: {error}"])

    def _listed(self, job: PreflightJob, region: str, name: str) -> Iterator[str]:
        """A server demands just one listing of a name: all others are in the way."""
        listings = Listings(self._access, region, self._target.compartment)
        publications = listings.publications(name)
        own = {one.listing for one in publications if one.tags.get(STACK) == job.stack}
        for one in publications:
            if one.tags.get(STACK) != job.stack:
                own.add(one.listing)
                yield (
                    f"{region}: {name} is published by {whose(one.tags)} ({one.id}, {one.state}); "
                    "choose another release or prefix"
                )
        for listing in listings.listings(name):
            if listing not in own:
                yield (
                    f"{region}: there is a listing {name} already ({listing}), which would be one "
                    "too many for servers; choose another release or prefix"
                )

    def _restore(self, region: str, id: str, shapes: Mapping[str, Any], progress: Progress) -> None:
        """What the import has lost of the shapes that the content boots on is given back.

        Not those that the region does not have, which Oracle would not take.
        """
        images = self._images(region)
        if images.get(id) is None:
            return
        lost = shapes.keys() - images.shapes(id).keys()
        there = images.region_shapes() if lost else set[str]()
        for shape in sorted(lost):
            if shape in there:
                progress.say(f"{region}: it boots on {shape} too")
                images.add_shape(id, shape, shapes[shape])
            else:
                progress.say(f"{region}: there is no {shape}, which the content boots on")

    def _problem(
        self, job: CheckPublishedJob, region: str, expected: str, content: Image | None
    ) -> str | None:
        """What is wrong with an import, if anything."""
        images = self._images(region)
        image = images.get(expected)
        if image is None or image.state != "AVAILABLE":
            state = image.state if image else "gone"
            return f"{expected}, published as {job.name}, is {state}, not AVAILABLE"
        if not _same(image, job):
            return f"{job.name} is of {image.tags.get(BAKE, 'no bake')}, not of {job.bake}"
        for other in images.all(job.name):
            # What it replaces is there until Pulumi removes it.
            replaced = other.tags.get(STACK) == job.stack and not _same(other, job)
            if other.id != expected and not replaced:
                return f"{other.id} goes by the name {job.name} too, of {whose(other.tags)}"
        if content is None:
            return None
        if image.launch != content.launch:
            lost = sorted(
                key for key in content.launch if content.launch[key] != image.launch.get(key)
            )
            return f"{job.name} has other launch options than {job.bake}: {', '.join(lost)}"
        if image.system != content.system:
            return f"{job.name} says that it is {image.system}, and {job.bake} is {content.system}"
        return None

    def _published(self, region: str, name: str, image: str) -> bool:
        listings = Listings(self._access, region, self._target.compartment)
        return any(one.image == image for one in listings.publications(name))

    def _subscribed(self) -> set[str]:
        client = clients.identity(self._access, self._target.region)
        found = clients.ask(client.list_region_subscriptions, self._access.tenancy).data
        return {str(one.region_name) for one in found if one.status == _READY}

    def _images(self, region: str) -> Images:
        return Images(self._access, region, self._target.compartment)


def _same(image: Image, job: RemoveOrphanJob | CheckPublishedJob) -> bool:
    return (image.tags.get(STACK), image.tags.get(BAKE)) == (job.stack, job.bake)
