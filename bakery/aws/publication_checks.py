"""Looks at the regions before AMIs are copied there, and as dstack's server does afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bakery.aws import clients
from bakery.aws.amis import Ami, named, public, remove
from bakery.aws.records import content_of, record_of
from bakery.progress import Progress
from bakery.publication_checks import preflight_passed, wait_until, way_out
from images.aws import AwsTarget
from images.errors import BakeryError, ContentMissing
from images.job import CheckPublishedJob, PreflightJob, PreflightPassed, Published, RemoveOrphanJob
from images.tags import BAKE, STACK, whose

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

#: Service Quotas: "Public AMIs" of EC2.
_QUOTA = "L-0E3CBAB9"


class AwsPublicationChecks:
    """The regions of one account."""

    def __init__(self, target: AwsTarget) -> None:
        self._target = target

    def preflight(self, job: PreflightJob, progress: Progress) -> PreflightPassed:
        refused: list[str] = []
        for region in job.locations:
            progress.say(f"looking at {region}")
            with clients.translate_errors(region):
                refused += self._refusals(job, region, progress)
        home = self._target.region
        if job.public and home not in job.locations:
            # Copies are encrypted as the content is.
            with clients.translate_errors(home):
                refused += _encryption(clients.ec2(self._target), home)
        return preflight_passed(job, refused)

    def remove_orphan(self, job: RemoveOrphanJob, progress: Progress) -> None:
        with clients.translate_errors(self._target.region):
            content = content_of(clients.ec2(self._target), self._target.region, job.bake)
        if content is None:
            raise ContentMissing(job.bake)
        if job.standing != "retiring":
            self._refuse_past(job.name, content)
        removed: set[str] = set()
        with clients.translate_errors(job.location):
            client = clients.ec2(self._target, job.location)
            for ami in named(client, job.name):
                if (ami.tags.get(STACK), ami.tags.get(BAKE)) != (job.stack, job.bake):
                    continue
                if job.protect and ami.public:
                    raise BakeryError(
                        f"{job.location}: {ami.id} is public as {job.name}, but the stack's state "
                        "does not know it. Take it over: docs/aws.md says how"
                    )
                progress.say(
                    f"{job.location}: removing {ami.id}, which was made but never recorded"
                )
                remove(client, ami)
                removed.add(ami.id)
            if removed:
                wait_until(job.location, lambda: _still_listed(client, job.name, removed))

    def check_published(self, job: CheckPublishedJob, progress: Progress) -> Published:
        for region, expected in job.ids.items():
            with clients.translate_errors(region):
                self._confirm(job, region, expected, progress)
        progress.say(f"servers find {job.name} in {', '.join(job.ids)}")
        return Published(name=job.name, found=job.ids)

    def _refuse_past(self, name: str, content: Ami) -> None:
        """EC2 takes no date in the past, and says so only when the copy is there. A release that
        retires has another date, or none.
        """
        record = record_of(content, self._target.region)
        when = record and self._target.deprecated_at(record.finished_at)
        if when and when <= datetime.now(UTC):
            raise BakeryError(
                f"{name} cannot be copied: the dstack-images:clouds.aws.deprecateAfterDays of its "
                f"content ended on {when:%Y-%m-%d}, and EC2 takes no date in the past. Raise or "
                "remove that key, name the release in `retiring`, or add a release"
            )

    def _refusals(self, job: PreflightJob, region: str, progress: Progress) -> Iterator[str]:
        client = clients.ec2(self._target, region)
        missing = 0
        for name in job.names:
            present = named(client, name)
            missing += not any(ami.public for ami in present)
            for ami in present:
                if ami.tags.get(STACK) != job.stack:
                    yield (
                        f"{region}: the name {name} is taken by {ami.id}, which belongs to "
                        f"{whose(ami.tags)}; {way_out(ami.public, 'deregister that AMI')}"
                    )
        if not job.public:
            return
        yield from _encryption(client, region)
        quota = self._quota(region, progress)
        used = len(public(client))
        if quota is not None and used + missing > quota:
            yield (
                f"{region}: {used} AMIs are public and {missing} would be added, but the quota is "
                f"{quota}; ask for at least {used + missing} (Service Quotas, {_QUOTA}), or retire "
                "old releases"
            )

    def _quota(self, region: str, progress: Progress) -> int | None:
        client = clients.quotas(self._target, region)
        try:
            value = client.get_service_quota(ServiceCode="ec2", QuotaCode=_QUOTA)
            return int(value["Quota"].get("Value", 0))
        except (ClientError, BotoCoreError) as error:
            progress.say(f"{region}: the quota of public AMIs cannot be read ({error}): going on")
            return None

    def _confirm(
        self, job: CheckPublishedJob, region: str, expected: str, progress: Progress
    ) -> None:
        client = clients.ec2(self._target, region)
        wait_until(region, lambda: _problem(client, job, expected))
        if job.public and job.standing == "living":
            for ami in named(client, job.name):
                if ami.id == expected and ami.is_deprecated:
                    progress.say(f"warning: {region}: {_hidden(ami, job.name)}")


def _encryption(client: EC2Client, region: str) -> Iterator[str]:
    if client.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]:
        yield (
            f"{region}: EBS encrypts all new snapshots by default, and an AMI with an "
            "encrypted snapshot cannot be public; switch that default off in this region"
        )


def _still_listed(client: EC2Client, name: str, removed: set[str]) -> str | None:
    """EC2 lists an AMI for a while after its end, and may not give its name to another so long."""
    listed = {ami.id for ami in named(client, name)} & removed
    return f"EC2 still lists {', '.join(sorted(listed))}, which was removed" if listed else None


def _hidden(ami: Ami, name: str) -> str:
    """What EC2 has done with an AMI by its date, and what to do about it."""
    return (
        f"{ami.id} ({name}) is deprecated since {ami.deprecated[:10]}, so that servers of other "
        "accounts do not find it any more, which nothing takes back. Name its release in "
        "`retiring`, with a day that is over, or publish its content as another release"
    )


def _problem(client: EC2Client, job: CheckPublishedJob, expected: str) -> str | None:
    """What a server would find wrong, if anything: it takes the newest available of the name."""
    usable = [ami for ami in named(client, job.name) if ami.state == "available"]
    ours = next((ami for ami in usable if ami.id == expected), None)
    if ours is None:
        return f"{expected}, published as {job.name}, is not there"
    if usable[0].created > ours.created:
        return f"servers would boot {usable[0].id} as {job.name}, which is newer than {expected}"
    if job.public and job.standing == "current" and ours.is_deprecated:
        return (
            f"{expected} is deprecated since {ours.deprecated[:10]}, so it is hidden from all "
            "accounts but this one; publish another release"
        )
    if ours.public != job.public:
        return f"{expected} is {'public' if ours.public else 'private'}, which it should not be"
    return None
