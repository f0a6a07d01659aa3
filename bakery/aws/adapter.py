"""Bakes as private AMIs of the home region, which carry their records as tags."""

import re
from pathlib import Path

from bakery.adapter import Artifact, BuildInputs, RunFolders
from bakery.address import own_network
from bakery.aws import clients
from bakery.aws.amis import Ami, by_id, named, pairs
from bakery.aws.documents import put
from bakery.aws.leftovers import sweep
from bakery.aws.records import content_of, record_of
from bakery.packer.program import Packer
from bakery.progress import Progress
from bakery.records.documents import Document, documents, log_document, verification_document
from bakery.records.tags import keys, to_tags, verification_in
from bakery.run_owner import run_tags
from images.aws import AwsTarget
from images.errors import BakeryError
from images.job import BakeJob, Job, VerifyJob
from images.record import BakeRecord, VerificationRecord
from images.tags import DIGEST, EXPIRES, RECORD, RUN_OWNER, VARIANT, VERIFICATION

#: Servers give the root disk its size under this name (dstack's AWS backend).
ROOT_DEVICE = "/dev/sda1"


class Aws:
    """One account, its home region, its bucket, for one stack."""

    credentials: re.Pattern[str] | None = re.compile(r"AWS_\w+")
    grace = 300.0

    def __init__(self, target: AwsTarget, stack: str) -> None:
        self._target, self._stack = target, stack
        self._ec2 = clients.ec2(target)

    def find(self, bake: str) -> BakeRecord | None:
        with clients.translate_errors(f"looking for {bake} in {self._target.region}"):
            ami = self._content(bake)
        return record_of(ami, self._target.region) if ami else None

    def find_verification(self, bake: str, digest: str) -> VerificationRecord | None:
        with clients.translate_errors(f"looking for {bake} in {self._target.region}"):
            ami = self._content(bake)
        found = verification_in(ami.tags) if ami else None
        return found if found and found.digest == digest else None

    def sweep(self, bake: str, progress: Progress) -> None:
        with clients.translate_errors(
            f"looking for what earlier runs left in {self._target.region}"
        ):
            sweep(self._ec2, bake, self._stack, progress)

    def preflight(self, job: Job, packer: Packer) -> None:
        if self._target.ssh and not Path(self._target.ssh.private_key_file).is_file():
            raise BakeryError(
                f"dstack-images:clouds.aws.ssh.privateKeyFile: there is no file "
                f"{self._target.ssh.private_key_file}"
            )
        self._source(job)

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        target, ssh = self._target, self._target.ssh
        fresh = isinstance(job, VerifyJob)
        source = self._source(job)
        during = run_tags(job)
        from_networks = target.ssh_from
        if not from_networks and target.security_group is None and ssh is None:
            from_networks = [own_network("clouds.aws.sshFrom")]
        content = {VARIANT: job.variant}
        if isinstance(job, BakeJob):
            content[DIGEST] = job.digest
        variables: dict[str, object] = {
            "image_name": during["Name"],
            "throw_away": fresh,
            "region": target.region,
            "endpoint": target.endpoint or "",
            "source": source.id,
            "instance_type": target.verify_instance_type if fresh else target.instance_type,
            "disk_gb": job.disk_gb,
            "volume_type": target.volume_type,
            "subnet": target.subnet,
            "security_group": target.security_group or "",
            "ssh_from": from_networks,
            "ssh_host": ssh.host if ssh else "",
            "ssh_port": ssh.port if ssh else 22,
            "ssh_key_pair": ssh.key_pair if ssh else "",
            "ssh_private_key_file": ssh.private_key_file if ssh else "",
            "temporary_key_pair": "" if ssh else during["Name"],
            "run_tags": during,
            "image_tags": {**during, **content},
        }
        progress.say(f"starting from {source.id} ({source.name})")
        if source.is_deprecated:
            progress.say(
                f"{source.id} is deprecated since {source.deprecated[:10]}; it still boots"
            )
        # What the template says of an endpoint is not enough for today's plugin.
        endpoint = {"AWS_ENDPOINT_URL": target.endpoint} if target.endpoint else {}
        return BuildInputs(variables, [], f"{source.id} {source.name}", endpoint)

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        with clients.translate_errors(f"looking for {job.bake} in {self._target.region}"):
            ami = self._content(job.bake)
        if ami is None:
            raise BakeryError(f"Packer ended well, but there is no AMI {job.bake}")
        return Artifact(image_id=ami.id)

    def keep_log(self, bake: str, log: Path) -> None:
        document = log_document(bake, log)
        with clients.translate_errors(f"keeping {document.key}"):
            self._put(document)

    def complete(self, job: BakeJob, folders: RunFolders, record: BakeRecord) -> None:
        with clients.translate_errors(f"keeping the record of {job.bake}"):
            for document in documents(folders.results, record):
                self._put(document)
            # The tags are what counts, and come last.
            self._tag(record.image_id, to_tags(RECORD, record))
            self._ec2.delete_tags(
                Resources=[record.image_id], Tags=[{"Key": RUN_OWNER}, {"Key": EXPIRES}]
            )

    def keep_verification(self, record: VerificationRecord) -> None:
        with clients.translate_errors(f"keeping the verification of {record.bake}"):
            self._put(verification_document(record))
            ami = self._content(record.bake)
            if ami is None:
                raise BakeryError(f"{record.bake} was removed while it was verified; run again")
            fresh = to_tags(VERIFICATION, record)
            if old := [key for key in keys(VERIFICATION, ami.tags) if key not in fresh]:
                self._ec2.delete_tags(Resources=[ami.id], Tags=[{"Key": key} for key in old])
            self._tag(ami.id, fresh)

    def _content(self, bake: str) -> Ami | None:
        return content_of(self._ec2, self._target.region, bake)

    def _source(self, job: Job) -> Ami:
        """The AMI to start from: the baked one, the pinned one, or the newest that matches."""
        wanted = job.bake if isinstance(job, VerifyJob) else self._target.source
        with clients.translate_errors(f"looking for {wanted} in {self._target.region}"):
            if isinstance(job, VerifyJob):
                found = self._content(job.bake)
            elif wanted.startswith("ami-"):
                found = by_id(self._ec2, wanted)
            else:
                owner, _, pattern = wanted.partition(":")
                matching = named(self._ec2, pattern, owner)
                found = next((ami for ami in matching if ami.state == "available"), None)
        if found is None:
            raise BakeryError(
                f"{self._target.region} has no AMI {wanted} that this account may use"
            )
        if isinstance(job, BakeJob) and not _fits(found):
            raise BakeryError(
                f"dstack-images:clouds.aws.source: {found.id} is for {found.architecture} with its "
                f"root at {found.root_device}; servers expect x86_64 and {ROOT_DEVICE}"
            )
        return found

    def _tag(self, ami: str, tags: dict[str, str]) -> None:
        self._ec2.create_tags(Resources=[ami], Tags=pairs(tags))

    def _put(self, document: Document) -> None:
        put(clients.s3(self._target), self._target.bucket, document)


def _fits(source: Ami) -> bool:
    return (source.architecture, source.root_device) == ("x86_64", ROOT_DEVICE)
