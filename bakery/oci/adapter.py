"""Bakes as custom images of a compartment in its home region; their records are objects."""

from __future__ import annotations

import re
from pathlib import Path

from bakery.adapter import Artifact, BuildInputs, RunFolders
from bakery.oci import clients, records
from bakery.oci.bucket import Bucket
from bakery.oci.images import Image, Images
from bakery.oci.leftovers import sweep
from bakery.oci.place import domain, must_be_readable, must_have_room, must_see_schemas
from bakery.packer.program import Packer
from bakery.progress import Progress
from bakery.records.documents import documents, log_document, verification_document
from bakery.run_owner import busy, run_name, run_owner, run_tags
from images.errors import BakeryError
from images.job import BakeJob, Job, VerifyJob
from images.oci import OciTarget
from images.record import BakeRecord, VerificationRecord
from images.tags import DIGEST, EXPIRES, RECORD, RUN_OWNER, VARIANT, VERIFICATION

_NEWEST = "newest:"


class Oci:
    """One compartment in its home region, for one stack."""

    credentials: re.Pattern[str] | None = re.compile(r"OCI_CONFIG_FILE")
    #: Packer waits without an end for the machine to be gone, which takes a minute or two.
    grace = 300.0

    def __init__(self, target: OciTarget, stack: str) -> None:
        self._target, self._stack = target, stack
        self._access = clients.access()
        self._where = f"{target.region}, {target.compartment}"
        with clients.translate_errors(self._where):
            self._images = Images(self._access, target.region, target.compartment)
            self._bucket = Bucket(self._access, target.region, target.compartment, target.bucket)

    def find(self, bake: str) -> BakeRecord | None:
        image = self._content(bake)
        return records.record_of(self._bucket, image) if image else None

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        image = self._content(bake)
        return records.verification_of(self._bucket, image, digest) if image else None

    def sweep(self, bake: str, progress: Progress) -> None:
        with clients.translate_errors(f"looking for what earlier runs left in {self._where}"):
            sweep(self._access, self._target, self._images, bake, self._stack, progress)

    def preflight(self, job: Job, packer: Packer) -> None:
        target = self._target
        if not packer.has_plugins:
            must_be_readable(self._access)
        with clients.translate_errors(self._where):
            if packer.has_plugins:
                must_see_schemas(self._access, target)
            domain(self._access, target)
            must_have_room(self._access, target.region)
            source = self._source(job)
            shape = _shape(target, job)
            if shape not in (known := self._images.shapes(source.id)):
                raise BakeryError(
                    f"dstack-images:clouds.oci: the image {source.name} does not boot on {shape}; "
                    f"allowed: {', '.join(sorted(known))}"
                )

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        target = self._target
        with clients.translate_errors(self._where):
            source = self._source(job)
            placed = domain(self._access, target)
        during = run_tags(job)
        content = {VARIANT: job.variant}
        if isinstance(job, BakeJob):
            content[DIGEST] = job.digest
        variables: dict[str, object] = {
            "run": run_name(job),
            "throw_away": isinstance(job, VerifyJob),
            "access_file": str(self._access.file),
            "region": target.region,
            "compartment": target.compartment,
            "availability_domain": placed,
            "subnet": target.subnet,
            "shape": _shape(target, job),
            "source": source.id,
            "disk_gb": job.disk_gb,
            "run_tags": during,
            "image_tags": {**during, **content},
        }
        progress.say(f"starting from {source.name} in {placed}")
        return BuildInputs(variables, sidecars=[], source=f"{source.name} ({source.id})")

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        with clients.translate_errors(self._where):
            found = self._images.all(job.bake)
        mine = [one for one in found if one.tags.get(RUN_OWNER) == run_owner()]
        # Names are not unique: who else has begun meanwhile is older or younger than this.
        if others := [one for one in found if one not in mine]:
            raise busy(job.bake, others[0].name, others[0].tags)
        if len(mine) != 1 or mine[0].state != "AVAILABLE":
            states = ", ".join(one.state for one in mine) or "none"
            raise BakeryError(
                f"Packer ended well, and of images {job.bake} there should be one, AVAILABLE; "
                f"there is: {states}"
            )
        return Artifact(image_id=mine[0].id, features=_options(mine[0]))

    def keep_log(self, bake: str, log: Path) -> None:
        document = log_document(bake, log)
        with clients.translate_errors(f"keeping {document.key}"):
            self._bucket.make()
            self._bucket.put(document)

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        *others, kept = documents(folders.results, record)
        with clients.translate_errors(f"keeping the record of {job.bake}"):
            self._bucket.make()
            for document in others:
                self._bucket.put(document)
            checksum = records.keep_record(self._bucket, job.bake, kept)
            # The tag is what counts.
            self._images.retag(record.image_id, {RECORD: checksum}, [RUN_OWNER, EXPIRES])

    def keep_verification(self, record: VerificationRecord) -> None:
        image = self._content(record.bake)
        if image is None:
            raise BakeryError(f"{record.bake} was removed while it was verified; run again")
        with clients.translate_errors(f"keeping the verification of {record.bake}"):
            kept = verification_document(record)
            checksum = records.keep_verification(self._bucket, record.bake, kept)
            self._images.retag(image.id, {VERIFICATION: checksum})

    def _content(self, bake: str) -> Image | None:
        with clients.translate_errors(f"looking for {bake} in {self._where}"):
            return self._images.complete(bake)

    def _source(self, job: Job) -> Image:
        """The image to start from: the baked one, the pinned one, or the newest of a system."""
        wanted = job.bake if isinstance(job, VerifyJob) else self._target.source
        if isinstance(job, VerifyJob):
            found = self._content(wanted)
        elif wanted.startswith(_NEWEST):
            system, _, version = wanted.removeprefix(_NEWEST).partition("/")
            found = self._images.newest(system, version, self._target.shape)
        else:
            found = self._images.get(wanted)
        if found is None:
            raise BakeryError(
                f"there is no image {wanted} in {self._where} that these credentials may use"
            )
        return found


def _shape(target: OciTarget, job: Job) -> str:
    return target.verify_shape if isinstance(job, VerifyJob) else target.shape


def _options(image: Image) -> list[str]:
    """How it is launched, which published images must keep."""
    return sorted(f"{key}={value}" for key, value in image.launch.items() if value is not None)
