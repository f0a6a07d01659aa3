"""Content leaves its region as an object: exported once, copied to where it is imported.

Source: "Image Import/Export" (Compute); "Copying Objects" (Object Storage).
"""

from __future__ import annotations

import re
from typing import Any

from bakery.caller import Caller
from bakery.folders import lock_file
from bakery.lock import lock
from bakery.oci import clients
from bakery.oci.bucket import COPIES, EXPORTS, Bucket
from bakery.oci.images import Image, Images
from bakery.oci.waiting import wait_while
from bakery.progress import Progress
from images.errors import BakeryError, ContentMissing
from images.job import Exported, ExportJob, SupplyJob
from images.oci import OciTarget
from images.tags import RECORD

_GOES_ON = ("ACCEPTED", "IN_PROGRESS", "CANCELING")


def _export_name(content: Image) -> str:
    """Return the name of the object in the home region's bucket.

    A bake goes by its inputs: baked anew, it has other packages under the same name. Its record,
    which the content names, is another one then, and so is the object.
    """
    return f"{EXPORTS}{_of_content(content)}"


def _copy_name(content: Image, name: str) -> str:
    """Return the name of the object in the bucket of another region.

    Each published name has a copy of its own, which goes once that is there: another release of the
    same content, of another stack perhaps, may be about to import it.
    """
    return f"{COPIES}{name}/{_of_content(content)}"


def _import_name(content: Image, job: SupplyJob) -> str:
    """Return the name of the object that is imported in a region: at home it is the export."""
    at_home = job.location == job.target.region
    return _export_name(content) if at_home else _copy_name(content, job.name)


def _of_content(content: Image) -> str:
    return f"{content.name}-{content.tags[RECORD][:12]}.oci"


class Exports:
    """The exports of one compartment's content."""

    def __init__(self, target: OciTarget) -> None:
        self._target = target
        self._access = clients.access()
        self._home = self._bucket(target.region)

    def export(self, job: ExportJob, caller: Caller) -> Exported:
        """Exports the content, unless that has been done. Raises BakeryError, ContentMissing."""
        name = f"{job.bake}-export"
        with (
            lock(lock_file(name), name, job.time_limit, caller),
            clients.translate_errors(f"exporting {job.bake}"),
        ):
            content = self._export(job.bake, job.time_limit, caller.progress)
            return Exported(
                bucket=self._home.name,
                namespace=self._home.namespace,
                object=_export_name(content),
                copy_object=_copy_name(content, job.name),
            )

    def supply(self, job: SupplyJob, caller: Caller) -> None:
        """Sees to it that what is to be imported is in the region's bucket.

        Raises BakeryError where the content is no longer what the stack has exported.
        """
        with clients.translate_errors(f"looking for {job.bake}"):
            content = self._content(job.bake)
        copy = _import_name(content, job)
        if job.object != copy:
            raise BakeryError(
                f"{job.bake} was baked anew since this stack exported it, so {job.location} "
                "would get other content than what is recorded. Publish what is there now as "
                "another release; a stack that is not immutable can have it under this one: "
                "`pulumi up --replace '**Command::oci-*-bake'`"
            )
        if job.location == self._target.region:
            # Somebody may have removed it since.
            self.export(_of(job), caller)
            return
        there = self._bucket(job.location)
        with clients.translate_errors(f"copying {job.bake} to {job.location}"):
            if not there.make():
                caller.progress.say(
                    f"{job.location}: what is left of copies does not expire, since Object Storage "
                    "may not remove it; docs/oci.md has the policy"
                )
            if there.has(copy):
                return
            self.export(_of(job), caller)
            caller.progress.say(f"copying {job.bake} to {job.location}")
            work = self._home.copy(_export_name(content), there, copy)
            self._await_copy(work, job)
            if not there.has(copy):
                raise BakeryError(f"{job.location}: {copy} was copied and is not there; run again")

    def remove_copy(self, content: Image, name: str, region: str) -> None:
        """What was imported is not needed any more; the export at home stays."""
        if region != self._target.region:
            self._bucket(region).remove(_copy_name(content, name))

    def _export(self, bake: str, limit: int, progress: Progress) -> Image:
        image = self._content(bake)
        name = _export_name(image)
        self._home.make()
        if self._home.has(name):
            return image
        client = clients.compute(self._access, self._target.region)
        if image.state == "EXPORTING":
            progress.say(f"{bake} is being exported by somebody else: waiting")
            wait_while(lambda: self._content(bake).state == "EXPORTING", limit, f"export of {bake}")
        else:
            progress.say(f"exporting {bake} to the bucket {self._home.name}")
            details = clients.library.core.models.ExportImageViaObjectStorageTupleDetails(
                namespace_name=self._home.namespace,
                bucket_name=self._home.name,
                object_name=name,
                export_format="OCI",
            )
            try:
                answer = clients.ask(client.export_image, image.id, details, **clients.once())
            except clients.library.exceptions.ServiceError as error:
                raise _in_words(error) from None
            self._await_export(answer.headers["opc-work-request-id"], bake, limit)
        # "If the image's state is AVAILABLE again and there is no object, the export has failed."
        if not self._home.has(name):
            raise BakeryError(
                f"Oracle Cloud says that {bake} is exported, but {name} is not in the bucket "
                f"{self._home.name}: that is how an export fails; run again"
            )
        return image

    def _await_export(self, work: str, bake: str, limit: int) -> None:
        client = clients.work_requests(self._access, self._target.region)

        def status() -> str:
            return str(clients.ask(client.get_work_request, work).data.status)

        wait_while(lambda: status() in _GOES_ON, limit, f"the export of {bake}")
        if (ended := status()) != "SUCCEEDED":
            errors = clients.every(client.list_work_request_errors, work)
            why = "; ".join(str(one.message) for one in errors)
            raise BakeryError(f"the export of {bake} has {ended}: {why}; run again")

    def _await_copy(self, work: str, job: SupplyJob) -> None:
        def status() -> Any:
            return self._home.work(work).status

        what = f"the copy of {job.bake} to {job.location}"
        wait_while(lambda: status() in _GOES_ON, job.time_limit, what)
        # Compute says SUCCEEDED, Object Storage COMPLETED.
        if (ended := status()) != "COMPLETED":
            raise BakeryError(f"{what} has {ended}: {self._home.why(work)}; run again")

    def _content(self, bake: str) -> Image:
        target = self._target
        found = Images(self._access, target.region, target.compartment).complete(bake)
        if found is None:
            raise ContentMissing(bake)
        return found

    def _bucket(self, region: str) -> Bucket:
        return Bucket(self._access, region, self._target.compartment, self._target.bucket)


def _in_words(error: Exception) -> Exception:
    """What Oracle says of a bucket that is there, to whom it lets no bucket be named.

    Those are federated users and instance principals ("Known Issues for Compute").
    """
    if not re.search(r"Invalid (bucket|object)Name", str(error)):
        return error
    return BakeryError(
        "Oracle Cloud lets a user of another directory (federated), and a machine, name no bucket "
        "for an export: bake with the API key of a user of the tenancy's own, as docs/oci.md says"
    )


def _of(job: SupplyJob) -> ExportJob:
    return ExportJob(
        stack=job.stack,
        bake=job.bake,
        name=job.name,
        time_limit=job.time_limit,
        target=job.target,
    )
