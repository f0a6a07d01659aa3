"""Makes content: once for each digest, whoever asks."""

import subprocess
from datetime import UTC, datetime

from bakery.adapter import Adapter
from bakery.caller import Caller
from bakery.cleanup import log_kept, swept_on_failure
from bakery.folders import lock_file, log_file, sweep, work_folder
from bakery.lock import lock
from bakery.packer.build import Build
from bakery.packer.program import PROJECT, Packer, find_packer
from bakery.packer.template import template
from bakery.records.inventory import read_inventory
from bakery.sbom.document import Contents
from bakery.sbom.make import Origin, make_sbom
from images.errors import BakeryError
from images.job import BakeJob
from images.record import BakeRecord, Builder, SourceImage


def bake(job: BakeJob, adapter: Adapter, caller: Caller) -> BakeRecord:
    """Returns the record of the digest's bake, baking only when there is none.

    Raises BakeryError; then nothing half-made is left.
    """
    progress = caller.progress
    with lock(lock_file(job.bake), job.bake, job.time_limit, caller):
        sweep(job.bake, progress)
        record = adapter.find(job.bake)
        if record is not None and record.digest != job.digest:
            raise BakeryError(
                f"{job.bake} holds other content ({record.digest}) than asked for ({job.digest})"
            )
        if record is not None:
            progress.say(f"{job.bake} exists: nothing to bake")
            return record
        adapter.sweep(job.bake, progress)
        packer = find_packer(job.cloud, progress)
        adapter.preflight(job, packer)
        return _bake(job, adapter, packer, caller)


def _bake(job: BakeJob, adapter: Adapter, packer: Packer, caller: Caller) -> BakeRecord:
    progress = caller.progress
    started = datetime.now(UTC)
    log = log_file(job.bake, "bake")
    with (
        work_folder(job.bake) as folders,
        log_kept(job.bake, log, adapter, progress),
        swept_on_failure(job.bake, adapter, progress),
    ):
        session = adapter.prepare(job, folders, progress)
        used = template(packer, job.cloud, folders.work)
        if used.left_out:
            progress.say(f"Packer {packer.version} is too old for: {'; '.join(used.left_out)}")
        build = Build("bake", job, adapter, packer, used, bake_variables(job), folders, log)
        attempts = build.run(session, caller)
        inventory, packages = read_inventory(folders.results)
        progress.say("capture: the bill of materials")
        sbom = make_sbom(
            Origin(job.bake, job.variant, job.digest, started),
            Contents(inventory.docker_images, inventory.versions.driver),
            folders.results,
        )
        progress.say("capture: reading the image")
        made = adapter.collect(job, folders)
        record = BakeRecord(
            name=job.bake,
            digest=job.digest,
            inputs=job.inputs,
            cloud=job.cloud,
            variant=job.variant,
            image_id=made.image_id,
            size_bytes=made.size_bytes,
            sha256=made.sha256,
            features=made.features,
            source=SourceImage(name=job.source_name, resolved=session.source),
            versions=inventory.versions,
            driver_branch=job.environment.get("NVIDIA_BRANCH"),
            restarted=inventory.restarted,
            docker_images=inventory.docker_images,
            packages=packages,
            sbom=sbom,
            builder=Builder(
                packer=packer.version,
                plugins=packer.plugins,
                left_out=used.left_out,
                git_commit=_git_commit(),
            ),
            started_at=started,
            finished_at=datetime.now(UTC),
            attempts=attempts,
            log=str(log),
        )
        adapter.complete(job, folders, record)
    progress.say(f"{job.bake} is baked: {record.image_id}")
    return record


def bake_variables(job: BakeJob) -> dict[str, object]:
    """The scripts of the template's build `bake`."""
    return {
        "prepare": _scripts(job.prepare),
        "install": _scripts(job.install),
        "seal": _scripts(job.seal),
        "checks": [],
    }


def _scripts(steps: list[str]) -> list[str]:
    return [f"packer/provision/{step}.sh" for step in steps]


def _git_commit() -> str | None:
    """The commit of the checkout, with a mark when files differ from it; None outside of git."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return run.stdout.strip() or None
