"""Bakes as private images of the project, which carry their records themselves."""

import re
from pathlib import Path

from bakery.adapter import Artifact, BuildInputs, RunFolders
from bakery.gcp import clients, features, tunnel
from bakery.gcp.documents import put
from bakery.gcp.images import UBUNTU, Image, Images
from bakery.gcp.leftovers import disk_name, sweep
from bakery.packer.program import Packer
from bakery.progress import Progress
from bakery.records.documents import Document, documents, log_document, verification_document
from bakery.records.labels import TooLarge, described, from_description, from_labels, labelled
from bakery.records.tags import keys
from bakery.run_owner import run_name, run_tags
from images.errors import BakeryError, Damaged
from images.gcp import GcpTarget
from images.job import BakeJob, Job, VerifyJob
from images.labels import labels
from images.record import BakeRecord, VerificationRecord
from images.tags import DIGEST, EXPIRES, RUN_OWNER, VARIANT, VERIFICATION

#: Machines with a GPU cannot be moved to another host ("GPU machine types", Compute Engine).
_WITH_GPU = re.compile(r"(a[2-9]|g[2-9])-.*")


class Gcp:
    """One project, its zone, its bucket, for one stack."""

    credentials: re.Pattern[str] | None = re.compile(r"GOOGLE_\w+|CLOUDSDK_\w+")
    grace = 300.0

    def __init__(self, target: GcpTarget, stack: str) -> None:
        self._target, self._stack = target, stack
        with clients.translate_errors(f"looking at {target.project}"):
            self._compute = clients.compute(target)
        self._images = Images(target, self._compute)

    def find(self, bake: str) -> BakeRecord | None:
        image = self._content(bake)
        try:
            return from_description(image.description, image.labels, BakeRecord) if image else None
        except Damaged as error:
            raise BakeryError(
                f"the record of {bake} in {self._target.project} is damaged: {error}. Delete that "
                "image and run again"
            ) from None

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        image = self._content(bake)
        try:
            found = from_labels(image.labels, VerificationRecord) if image else None
        except Damaged:
            # It costs a boot, no more.
            return None
        return found if found and found.digest == digest else None

    def sweep(self, bake: str, progress: Progress) -> None:
        with clients.translate_errors(
            f"looking for what earlier runs left in {self._target.project}"
        ):
            sweep(self._target, self._compute, bake, self._stack, progress)

    def preflight(self, job: Job, packer: Packer) -> None:
        if self._target.iap:
            tunnel.must_open()
        source = self._source(job)
        if isinstance(job, BakeJob) and source.architecture not in ("", "X86_64"):
            raise BakeryError(
                f"dstack-images:clouds.gcp: the source {source.name} is for {source.architecture}; "
                "servers expect X86_64"
            )
        if isinstance(job, BakeJob) and (new := features.unknown(source.features)):
            raise BakeryError(
                f"dstack-images:clouds.gcp: the source {source.name} has {', '.join(new)}, which "
                "Pulumi's provider for Google Cloud cannot give to an image that is published; "
                "choose another source, or a provider that knows it (bakery/gcp/features.py)"
            )
        if source.disk_gb > job.disk_gb:
            raise BakeryError(
                f"dstack-images:clouds.gcp: the source {source.name} has a disk of "
                f"{source.disk_gb} GB, which is more than the {job.disk_gb} GB that are configured"
            )

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        target = self._target
        fresh = isinstance(job, VerifyJob)
        source = self._source(job)
        run = run_name(job)
        during = run_tags(job)
        content = {VARIANT: job.variant}
        if isinstance(job, BakeJob):
            content[DIGEST] = job.digest
        machine = target.verify_machine_type if fresh else target.machine_type
        variables: dict[str, object] = {
            "run": run,
            "throw_away": fresh,
            "project": target.project,
            "zone": target.zone,
            "endpoint": target.endpoint or "",
            "source": source.name,
            "source_project": source.project,
            "features": source.features,
            "machine_type": machine,
            "maintenance": "TERMINATE" if _WITH_GPU.fullmatch(machine) else "MIGRATE",
            "disk_gb": job.disk_gb,
            "disk_name": disk_name(run),
            "subnet": target.subnet,
            "iap": target.iap,
            "storage_location": target.storage_location,
            "run_labels": labels(during),
            "image_labels": labels({**during, **content}),
        }
        progress.say(f"starting from {source.project}/{source.name}")
        return BuildInputs(variables, sidecars=[], source=f"{source.self_link} ({source.id})")

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        image = self._content(job.bake)
        if image is None:
            raise BakeryError(f"Packer ended well, but there is no image {job.bake}")
        return Artifact(image_id=image.self_link, features=image.features)

    def keep_log(self, bake: str, log: Path) -> None:
        document = log_document(bake, log)
        with clients.translate_errors(f"keeping {document.key}"):
            self._put(document)

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        try:
            description, more = described(record)
        except TooLarge as error:
            raise BakeryError(f"the record of {job.bake} is too large: {error}") from None
        with clients.translate_errors(f"keeping the record of {job.bake}"):
            for document in documents(folders.results, record):
                self._put(document)
            if more:
                self._relabel(job.bake, add=more)
            # The description is what counts.
            self._images.describe(job.bake, description)
            self._relabel(job.bake, remove=[RUN_OWNER, EXPIRES])

    def keep_verification(self, record: VerificationRecord) -> None:
        try:
            fresh = labelled(record)
        except TooLarge as error:
            raise BakeryError(f"the verification of {record.bake} says too much: {error}") from None
        with clients.translate_errors(f"keeping the verification of {record.bake}"):
            self._put(verification_document(record))
            image = self._content(record.bake)
            if image is None:
                raise BakeryError(f"{record.bake} was removed while it was verified; run again")
            self._relabel(record.bake, add=fresh, remove=keys(VERIFICATION, image.labels))

    def _put(self, document: Document) -> None:
        put(self._target, self._target.bucket, document)

    def _content(self, bake: str) -> Image | None:
        with clients.translate_errors(f"looking for {bake} in {self._target.project}"):
            return self._images.named(bake)

    def _relabel(
        self, bake: str, *, add: dict[str, str] | None = None, remove: list[str] | None = None
    ) -> None:
        image = self._images.named(bake)
        if image is None:
            raise BakeryError(f"{bake} was removed while it was being completed; run again")
        kept = {key: value for key, value in image.labels.items() if key not in (remove or [])}
        self._images.relabel(image, {**kept, **(add or {})})

    def _source(self, job: Job) -> Image:
        """The image to start from: the baked one, the pinned one, or the newest of a family."""
        target = self._target
        wanted = job.bake if isinstance(job, VerifyJob) else target.source
        with clients.translate_errors(f"looking for {wanted}"):
            if wanted.startswith("family:"):
                project, _, family = wanted.removeprefix("family:").partition("/")
                found = self._images.newest(family, project)
            else:
                found = self._images.named(wanted)
                if found is None and isinstance(job, BakeJob):
                    found = self._images.named(wanted, UBUNTU)
        if found is None:
            raise BakeryError(
                f"there is no image {wanted} in {target.project} or {UBUNTU} that these "
                "credentials may use"
            )
        return found
