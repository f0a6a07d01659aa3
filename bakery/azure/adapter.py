"""Bakes as managed images of a group, which carry their records as tags."""

import re
from pathlib import Path

from bakery.adapter import Artifact, BuildInputs, RunFolders
from bakery.address import own_network
from bakery.azure import clients
from bakery.azure.documents import put
from bakery.azure.effective import wait_until_effective
from bakery.azure.identity import Identity
from bakery.azure.images import Image, Images, Snapshots
from bakery.azure.leftovers import prefix, sweep
from bakery.azure.source import Source, resolved
from bakery.packer.program import Packer
from bakery.progress import Progress
from bakery.records.documents import Document, documents, log_document, verification_document
from bakery.records.tags import from_tags, keys, to_tags, verification_in
from bakery.run_owner import run_name, run_tags
from images.azure import AzureTarget
from images.errors import BakeryError, Damaged
from images.job import BakeJob, Job, VerifyJob
from images.naming import snapshot_name
from images.record import BakeRecord, VerificationRecord
from images.tags import DIGEST, EXPIRES, RECORD, RUN_OWNER, VARIANT, VERIFICATION


class Azure:
    """A group of content and one of machines, their location, a container, for one stack."""

    #: The login that `az` keeps may be elsewhere; anything else goes as variables of the template.
    credentials: re.Pattern[str] | None = re.compile(r"AZURE_CONFIG_DIR")
    #: Machine, network and disk go one after the other.
    grace = 600.0

    def __init__(self, target: AzureTarget, stack: str, progress: Progress) -> None:
        self._target, self._stack, self._progress = target, stack, progress
        self._without_records = False
        wait_until_effective(target, progress)
        self._images = Images(target, target.group)
        self._snapshots = Snapshots(target, target.group)

    def find(self, bake: str) -> BakeRecord | None:
        image = self._content(bake)
        try:
            record = from_tags(RECORD, image.tags, BakeRecord) if image else None
        except Damaged as error:
            raise self._broken(bake, f"the record of {bake} is damaged: {error}") from None
        with clients.translate_errors(f"looking for {snapshot_name(bake)}"):
            if record and self._snapshots.tags(snapshot_name(bake)) is None:
                raise self._broken(bake, f"{bake} has lost its snapshot {snapshot_name(bake)}")
        return record

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        image = self._content(bake)
        found = verification_in(image.tags) if image else None
        return found if found and found.digest == digest else None

    def sweep(self, bake: str, progress: Progress) -> None:
        with clients.translate_errors(
            f"looking for what earlier runs left in {self._target.group}"
        ):
            sweep(self._target, bake, self._stack, progress)

    def preflight(self, job: Job, packer: Packer) -> None:
        if isinstance(job, BakeJob):
            source = self._source()
            if not source.fits:
                raise BakeryError(
                    f"dstack-images:clouds.azure.source: {source.name} is {source.generation} for "
                    f"{source.architecture}; servers expect V2 and x64"
                )

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        target, who = self._target, Identity.of()
        fresh = isinstance(job, VerifyJob)
        run = run_name(job)
        tags = {**run_tags(job), VARIANT: job.variant}
        if isinstance(job, BakeJob):
            tags[DIGEST] = job.digest
        source = None if fresh else self._source()
        variables: dict[str, object] = {
            "throw_away": fresh,
            "subscription": target.subscription,
            "tenant": target.tenant,
            "client_id": "" if who.by_cli else who.client,
            "by_cli": who.by_cli,
            "endpoint": target.endpoint or "",
            "group": target.group,
            "build_group": target.build_group,
            "source_publisher": source.publisher if source else "",
            "source_offer": source.offer if source else "",
            "source_sku": source.sku if source else "",
            "source_version": source.version if source else "",
            "source_image": job.bake if fresh else "",
            "source_group": target.group if fresh else "",
            "vm_size": target.verify_vm_size if fresh else target.vm_size,
            "disk_gb": job.disk_gb,
            "prefix": prefix(run),
            "ssh_from": target.ssh_from or [own_network("clouds.azure.sshFrom")],
            "image_name": run,
            "snapshot_name": "" if fresh else snapshot_name(job.bake),
            "azure_tags": tags,
        }
        name = source.name if source else f"{target.group}/{job.bake}"
        progress.say(f"starting from {name}")
        return BuildInputs(variables, [], name, who.packer())

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        image = self._content(job.bake)
        if image is None:
            raise BakeryError(f"Packer ended well, but there is no managed image {job.bake}")
        return Artifact(image_id=image.id)

    def keep_log(self, bake: str, log: Path) -> None:
        self._put(log_document(bake, log))

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        for document in documents(folders.results, record):
            self._keep(document)
        with clients.translate_errors(f"keeping the record of {job.bake}"):
            snapshot = self._snapshots.tags(snapshot_name(job.bake))
            if snapshot is None:
                raise BakeryError(f"Packer ended well, but made no {snapshot_name(job.bake)}")
            self._snapshots.retag(snapshot_name(job.bake), _lasting(snapshot))
            # The image's tags are what counts, and come last.
            self._retag(job.bake, to_tags(RECORD, record))

    def keep_verification(self, record: VerificationRecord) -> None:
        self._keep(verification_document(record))
        with clients.translate_errors(f"keeping the verification of {record.bake}"):
            self._retag(record.bake, to_tags(VERIFICATION, record))

    def _keep(self, document: Document) -> None:
        """Keeps a document for people to read. No run fails for it: content carries its record.

        An owner of the subscription may not write there, and operators are listed only later.
        """
        try:
            self._put(document)
        except BakeryError as error:
            if not self._without_records:
                self._progress.say(
                    f"this run's records could not be written to the stack's container: {error}"
                )
            self._without_records = True

    def _put(self, document: Document) -> None:
        with clients.translate_errors(f"keeping {document.key}"):
            put(self._target, self._target.account, self._target.container, document)

    def _content(self, bake: str) -> Image | None:
        with clients.translate_errors(f"looking for {bake} in {self._target.group}"):
            return self._images.named(bake)

    def _retag(self, bake: str, record: dict[str, str]) -> None:
        """Puts a record on content, in the place of an older one of its kind, and at one stroke."""
        image = self._images.named(bake)
        if image is None:
            raise BakeryError(f"{bake} was removed while it was worked on; run again")
        kind = next(iter(record)).rpartition("-")[0]
        old = keys(kind, image.tags)
        kept = {key: value for key, value in _lasting(image.tags).items() if key not in old}
        self._images.retag(bake, {**kept, **record})

    def _source(self) -> Source:
        with clients.translate_errors(
            f"looking for {self._target.source} in {self._target.location}"
        ):
            return resolved(self._target, self._target.location, self._target.source)

    def _broken(self, bake: str, what: str) -> BakeryError:
        return BakeryError(
            f"{what}. Delete the managed image {bake} in the group {self._target.group} and run "
            "again: it is baked anew"
        )


def _lasting(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in (RUN_OWNER, EXPIRES)}
