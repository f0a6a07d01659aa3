"""Looks before images get their names, and as dstack's server does afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bakery.azure import clients
from bakery.azure.effective import wait_until_effective
from bakery.azure.galleries import Gallery
from bakery.azure.images import Images
from bakery.azure.replication import confirm_version
from bakery.progress import Progress
from bakery.publication_checks import preflight_passed, wait_until
from images.azure import AzureTarget
from images.errors import BakeryError, ContentMissing
from images.job import CheckPublishedJob, PreflightJob, PreflightPassed, Published, RemoveOrphanJob
from images.tags import BAKE, STACK, whose


class AzurePublicationChecks:
    """Managed images of the group of publication; its gallery, where they are public."""

    def __init__(self, target: AzureTarget, progress: Progress) -> None:
        self._target = target
        wait_until_effective(target, progress)
        self._images = Images(target, target.publication)

    def preflight(self, job: PreflightJob, progress: Progress) -> PreflightPassed:
        progress.say(f"looking at {self._target.publication}")
        with clients.translate_errors(self._target.publication):
            refused = list(self._taken(job))
        return preflight_passed(job, refused)

    def remove_orphan(self, job: RemoveOrphanJob, progress: Progress) -> None:
        with clients.translate_errors(job.location):
            if Images(self._target, self._target.group).named(job.bake) is None:
                raise ContentMissing(job.bake)
            if self._target.gallery is None:
                self._clear_image(job, progress)
            else:
                self._clear_gallery(job, progress)

    def check_published(self, job: CheckPublishedJob, progress: Progress) -> Published:
        ((place, expected),) = job.ids.items()
        with clients.translate_errors(place):
            if job.public:
                confirm_version(self._target, expected, progress)
            else:
                wait_until(place, lambda: self._problem(job, expected))
        progress.say(f"servers find {job.name} in {place}")
        return Published(name=job.name, found=job.ids)

    def _taken(self, job: PreflightJob) -> Iterator[str]:
        gallery = Gallery(self._target) if job.public else None
        for name in job.names:
            if gallery:
                # None too where the gallery itself is still to be made.
                tags = gallery.definition(name)
                what = f"{self._target.gallery}: the name {name} is taken by a definition"
            else:
                image = self._images.named(name)
                tags = image.tags if image else None
                what = f"{self._target.publication}: the name {name} is taken by a managed image"
            if tags is not None and tags.get(STACK) != job.stack:
                # Nobody is told to remove what everyone boots.
                remove = "" if gallery else ", or delete it"
                yield (
                    f"{what} that belongs to {whose(tags)}; choose another release or prefix"
                    f"{remove}"
                )

    def _clear_image(self, job: RemoveOrphanJob, progress: Progress) -> None:
        present = self._images.named(job.name)
        if present is None:
            return
        self._must_be_ours(job, present.tags, job.bake)
        progress.say(f"removing {job.name}, which was made but never recorded")
        self._images.remove(job.name)

    def _clear_gallery(self, job: RemoveOrphanJob, progress: Progress) -> None:
        """The place is that of a version (`gallery/number`), or of the definition (`gallery`)."""
        gallery, number = Gallery(self._target), job.location.partition("/")[2]
        if number:
            version = gallery.version(job.name, number)
            if version is None:
                return
            self._must_be_ours(job, version.tags, job.bake)
            if job.protect and not version.excluded and not version.missing:
                raise self._public(job)
            progress.say(f"removing {job.name} {number}, which was made but never recorded")
            gallery.remove_version(job.name, number)
            return
        tags = gallery.definition(job.name)
        if tags is None:
            return
        self._must_be_ours(job, tags, None)
        versions = gallery.versions(job.name)
        if versions and job.protect:
            raise self._public(job)
        progress.say(f"removing {job.name}, which was made but never recorded")
        for each in versions:
            gallery.remove_version(job.name, each)
        gallery.remove_definition(job.name)

    def _must_be_ours(
        self, job: RemoveOrphanJob, tags: Mapping[str, str], bake: str | None
    ) -> None:
        if tags.get(STACK) != job.stack or bake not in (None, tags.get(BAKE)):
            raise BakeryError(
                f"{job.location}: the name {job.name} is taken by something of {whose(tags)}, "
                f"made of {tags.get(BAKE, 'no bake')}, and the stack's state does not know it. "
                "Take it over: docs/azure.md says how"
            )

    def _public(self, job: RemoveOrphanJob) -> BakeryError:
        return BakeryError(
            f"{job.location}: {job.name} is public, but the stack's state does not know it. Take "
            "it over: docs/azure.md says how"
        )

    def _problem(self, job: CheckPublishedJob, expected: str) -> str | None:
        """What a server would find wrong, if anything: it asks for the name in this group."""
        image = self._images.named(job.name)
        if image is None or not image.ready or image.id.lower() != expected.lower():
            return f"{expected}, published as {job.name}, is not there"
        if (image.tags.get(STACK), image.tags.get(BAKE)) != (job.stack, job.bake):
            return f"{job.name} is of {image.tags.get(BAKE, 'no bake')}, not of {job.bake}"
        return None
