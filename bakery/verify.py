"""Boots a fresh machine from content and runs the checks in it: nothing is published without."""

from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from bakery.adapter import Adapter
from bakery.caller import Caller
from bakery.cleanup import log_kept, sweep_quietly
from bakery.folders import lock_file, log_file, sweep, work_folder
from bakery.lock import lock
from bakery.packer.build import Build
from bakery.packer.program import Packer, find_packer
from bakery.packer.template import template
from bakery.run_owner import run_name
from images.digest import verification_digest
from images.errors import BakeryError, ContentMissing
from images.job import VerifyJob
from images.record import CheckResult, VerificationRecord

_RESULTS = TypeAdapter(list[CheckResult])


def verify(job: VerifyJob, adapter: Adapter, caller: Caller) -> VerificationRecord:
    """Returns the record of a verification that passed, booting only when there is none.

    Raises BakeryError that names the checks which failed.
    """
    name, progress = run_name(job), caller.progress
    with lock(lock_file(name), name, job.time_limit, caller):
        sweep(name, progress)
        content = adapter.find(job.bake)
        if content is None:
            raise ContentMissing(job.bake)
        digest = verification_digest(content.digest, job.inputs)
        record = adapter.find_verification(job.bake, digest)
        if record is not None:
            progress.say(f"{job.bake} has passed these checks before")
            return record
        adapter.sweep(name, progress)
        packer = find_packer(job.cloud, progress)
        adapter.preflight(job, packer)
        try:
            record = _verify(name, digest, job, adapter, packer, caller)
        finally:
            # An older Packer cannot help making an image of the machine that was only checked.
            sweep_quietly(name, adapter, progress)
        adapter.keep_verification(record)
        progress.say(f"all {len(record.checks)} checks passed")
        return record


def _verify(
    name: str, digest: str, job: VerifyJob, adapter: Adapter, packer: Packer, caller: Caller
) -> VerificationRecord:
    started, progress = datetime.now(UTC), caller.progress
    log = log_file(job.bake, "verify")
    with work_folder(name) as folders, log_kept(job.bake, log, adapter, progress):
        session = adapter.prepare(job, folders, progress)
        used = template(packer, job.cloud, folders.work)
        variables = {"prepare": [], "install": [], "seal": [], "checks": job.checks}
        Build("verify", job, adapter, packer, used, variables, folders, log).run(session, caller)
        try:
            results = _RESULTS.validate_json((folders.results / "checks.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise BakeryError(f"the checks gave no usable result: {error}; log: {log}") from None
    if [result.name for result in results] != job.checks:
        ran = ", ".join(result.name for result in results)
        raise BakeryError(f"the machine ran other checks ({ran}) than asked for; log: {log}")
    failed = [result for result in results if not result.ok]
    if failed:
        lines = "".join(f"\n  - {result.name}: {result.message}" for result in failed)
        raise BakeryError(
            f"{job.bake} is not published: {len(failed)} of {len(results)} checks failed in a "
            f"fresh machine:{lines}\nThe whole log: {log}"
        )
    return VerificationRecord(
        bake=job.bake,
        digest=digest,
        checks=results,
        started_at=started,
        finished_at=datetime.now(UTC),
        log=str(log),
    )
