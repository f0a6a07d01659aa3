"""Looks at the project before images get their names, and as dstack's server does afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from bakery.gcp import clients
from bakery.gcp.images import Image, Images
from bakery.gcp.members import refusal
from bakery.progress import Progress
from bakery.publication_checks import preflight_passed, wait_until, way_out
from images.errors import BakeryError, ContentMissing
from images.gcp import GcpTarget
from images.job import CheckPublishedJob, PreflightJob, PreflightPassed, Published, RemoveOrphanJob
from images.labels import label
from images.tags import BAKE, STACK, whose


class GcpPublicationChecks:
    """The images of one project."""

    def __init__(self, target: GcpTarget) -> None:
        self._target = target
        with clients.translate_errors(f"looking at {target.project}"):
            self._images = Images(target, clients.compute(target))

    def preflight(self, job: PreflightJob, progress: Progress) -> PreflightPassed:
        progress.say(f"looking at {self._target.project}")
        with clients.translate_errors(self._target.project):
            refused = list(self._refusals(job, progress))
        return preflight_passed(job, refused)

    def remove_orphan(self, job: RemoveOrphanJob, progress: Progress) -> None:
        with clients.translate_errors(job.location):
            if self._images.named(job.bake) is None:
                raise ContentMissing(job.bake)
            present = self._images.named(job.name)
            if present is None:
                return
            if not _same(present, job):
                raise BakeryError(
                    f"{job.location}: the name {job.name} is taken by an image of "
                    f"{whose(present.labels)}, made of {present.labels.get(BAKE, 'no bake')}, and "
                    "the stack's state does not know it. Take it over: docs/gcp.md says how"
                )
            if job.protect and self._images.public(job.name):
                raise BakeryError(
                    f"{job.location}: {job.name} is public, but the stack's state does not know "
                    "it. Take it over: docs/gcp.md says how"
                )
            progress.say(f"removing {job.name}, which was made but never recorded")
            self._images.remove(job.name)

    def check_published(self, job: CheckPublishedJob, progress: Progress) -> Published:
        ((project, expected),) = job.ids.items()
        with clients.translate_errors(project):
            wait_until(project, lambda: self._problem(job, expected))
            image = self._images.named(job.name)
            if image is None:
                raise BakeryError(f"{project}: {job.name} was removed a moment ago; run again")
            self._retire(image, job, progress)
        progress.say(f"servers find {job.name} in {project}")
        return Published(name=job.name, found={project: image.id})

    def _refusals(self, job: PreflightJob, progress: Progress) -> Iterator[str]:
        project = self._target.project
        for image in self._images.all():
            if image.labels.get(STACK) == label(job.stack):
                continue
            if image.name in job.names:
                out = way_out(self._images.public(image.name), "delete that image")
                yield (
                    f"{project}: the name {image.name} is taken by an image that belongs to "
                    f"{whose(image.labels)}; {out}"
                )
            elif image.family in job.families and image.replacement is None:
                yield (
                    f"{project}: the family {image.family} has {image.name}, which belongs to "
                    f"{whose(image.labels)}: whoever asks for the family would get sometimes one, "
                    "sometimes the other; choose another `family` for this variant in the stack's "
                    "file"
                )
        if job.public and (reason := refusal(self._target, progress)):
            yield f"{project}: {reason}"

    def _retire(self, image: Image, job: CheckPublishedJob, progress: Progress) -> None:
        """Marks what retires as deprecated, and takes the mark off what does no longer."""
        link = image.self_link.rpartition("/")[0]
        wanted = f"{link}/{job.replacement}" if job.replacement else None
        if image.replacement != wanted:
            progress.say(
                f"{job.name} is deprecated in favour of {job.replacement}"
                if job.replacement
                else f"{job.name} is no longer deprecated"
            )
            self._images.deprecate(job.name, wanted)

    def _problem(self, job: CheckPublishedJob, expected: str) -> str | None:
        """What a server would find wrong, if anything: it asks for the name."""
        image = self._images.named(job.name)
        if image is None or not image.ready or image.self_link != expected:
            return f"{expected}, published as {job.name}, is not there"
        if image.withdrawn:
            return f"{job.name} is marked obsolete or deleted: no machine may be made of it"
        if not _same(image, job):
            return f"{job.name} is of {image.labels.get(BAKE, 'no bake')}, not of {job.bake}"
        content = self._images.named(job.bake)
        if content and (lost := sorted(set(content.features) - set(image.features))):
            return f"{job.name} has lost {', '.join(lost)}, which {job.bake} has"
        if (public := self._images.public(job.name)) != job.public:
            return f"{job.name} is {'public' if public else 'private'}, which it should not be"
        return None


def _same(image: Image, job: RemoveOrphanJob | CheckPublishedJob) -> bool:
    return (image.labels.get(STACK), image.labels.get(BAKE)) == (label(job.stack), label(job.bake))
