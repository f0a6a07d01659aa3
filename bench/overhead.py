"""What Pulumi and the bakery cost beside Packer itself: seconds and memory."""

import json
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from bakery import adapter
from bakery.bake import bake_variables
from bakery.local.adapter import Local
from bakery.packer.build import job_variables
from bakery.packer.program import arguments, environment, find_packer, write_variables
from bakery.packer.template import template
from bakery.progress import Progress
from bench.workplace import CHECKOUT, Workplace
from images.job import BakeJob
from images.local import LocalTarget

#: Programs of the build itself; all others below `pulumi` are ours or Pulumi's. The kernel keeps 15
#: characters of a name (proc(5), /proc/pid/comm).
_BUILD = tuple(
    name[:15] for name in ("packer", "qemu-system-x86_64", "docker-registry", "qemu-img")
)


def through_pulumi(place: Workplace) -> tuple[float, int]:
    """Seconds of an `up` that bakes, and the most memory (bytes) of all but Packer and QEMU."""
    began = time.monotonic()
    process = place.start("up", "--stack", "local", "--yes", "--skip-preview")
    most = 0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(1)
    if process.returncode != 0:
        raise RuntimeError(f"the bake failed: {place.folder}/pulumi.log")
    return time.monotonic() - began, most


def bare(place: Workplace) -> float:
    """Seconds of the same build by Packer alone, with the job that Pulumi gave to the bakery."""
    work = place.folder / "bare"
    folders = adapter.RunFolders(work, work / "tmp", work / "results")
    folders.results.mkdir(parents=True)
    folders.temporary.mkdir()
    job = BakeJob.model_validate_json(_bake_job(place))
    assert isinstance(job.target, LocalTarget)
    session = Local(job.target).prepare(job, folders, Progress())
    file = work / "variables.pkrvars.json"
    write_variables(file, {**bake_variables(job), **job_variables(job, folders, session)})
    packer = find_packer("local", Progress())
    used = template(packer, "local", work)
    began = time.monotonic()
    quiet = subprocess.DEVNULL
    beside = [subprocess.Popen(each, stdout=quiet, stderr=quiet) for each in session.sidecars]
    try:
        with (work / "packer.log").open("wb") as log:
            subprocess.run(
                arguments(packer, used.folder, "bake", file),
                cwd=CHECKOUT,
                env=environment(Local.credentials, folders.temporary),
                stdout=log,
                stderr=log,
                check=True,
            )
    finally:
        for process in beside:
            process.terminate()
            process.wait()
    return time.monotonic() - began


def _bake_job(place: Workplace) -> str:
    """The bake's standard input, as the stack's state keeps it."""
    state = subprocess.run(
        ["pulumi", "stack", "export", "--stack", "local"],
        cwd=place.project,
        env=place.environment(),
        capture_output=True,
        check=True,
    )
    for resource in json.loads(state.stdout)["deployment"]["resources"]:
        if resource["urn"].endswith("-bake"):
            return resource["inputs"]["stdin"]
    raise LookupError("the stack has no bake")


def _memory(root: int) -> int:
    """Resident bytes of a process and everything below it, without the build's programs."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, StopIteration):
            name, _, rest = (
                (folder / "stat").read_text(encoding="utf-8").partition(" (")[2].rpartition(") ")
            )
            parents[int(folder.name)] = int(rest.split()[1])
            status = (folder / "status").read_text(encoding="utf-8").splitlines()
            resident = next(line for line in status if line.startswith("VmRSS"))
            sizes[int(folder.name)] = 0 if name in _BUILD else int(resident.split()[1]) * 1024
    below, total = {root}, 0
    for pid in sorted(parents):
        if pid == root or parents[pid] in below:
            below.add(pid)
            total += sizes.get(pid, 0)
    return total
