"""QEMU on this machine: starts from the base image or from a bake, ends in the store."""

import re
import shutil

from bakery.adapter import Artifact, BuildInputs, RunFolders
from bakery.checksum import sha256_of
from bakery.folders import log_file
from bakery.local.demo_registry import registry_command
from bakery.local.qemu import console_options, machine_options
from bakery.local.seed import write_seed
from bakery.local.store import Store, image_file
from bakery.packer.console import Console
from bakery.packer.program import Packer
from bakery.progress import Progress
from images.errors import BakeryError
from images.host import home
from images.job import BakeJob, Job, VerifyJob
from images.local import LocalTarget

#: Room that a bake takes while it runs: the growing disk and its compacted copy.
_ROOM_GB = 4
#: Software emulation is slow to boot.
_SSH_TIMEOUT = {"kvm": "5m", "tcg": "15m"}
#: Seconds without a word on the console of a machine that is waited for, after which it hangs.
#: An emulated one says something every few seconds until somebody can log in.
_CONSOLE_PATIENCE = 180.0


class Local(Store):
    """This machine as a cloud."""

    credentials: re.Pattern[str] | None = None
    grace = 40.0

    def __init__(self, target: LocalTarget) -> None:
        self._target = target

    def preflight(self, job: Job, packer: Packer) -> None:
        for program in ("qemu-system-x86_64", "qemu-img", "ssh-keygen"):
            if shutil.which(program) is None:
                raise BakeryError(f"there is no {program} on PATH; run `make setup`")
        if isinstance(job, BakeJob):
            _check_source(self._target)
        store = home()
        free = shutil.disk_usage(store).free
        if free < _ROOM_GB << 30:
            raise BakeryError(
                f"{store} has {free / (1 << 30):.1f} GiB free; a bake needs {_ROOM_GB}. Make room "
                "(`python -m ops list` shows what old bakes take) or move DSTACK_IMAGES_HOME"
            )

    def prepare(self, job: Job, folders: RunFolders, progress: Progress) -> BuildInputs:
        target = self._target
        fresh = isinstance(job, VerifyJob)
        source = image_file(job.bake) if fresh else target.source_file
        mirror = ""
        beside: list[list[str]] = []
        if target.demo_registry is not None and not fresh:
            command, port = registry_command(target.demo_registry, folders.work)
            beside.append(command)
            # 10.0.2.2 is this machine as QEMU's user network shows it to the guest.
            mirror = f"http://10.0.2.2:{port}"
            progress.say(
                "no public Docker registry answers: a demonstration image comes from a registry "
                "on this machine"
            )
        console = log_file(job.bake, "console")
        variables: dict[str, object] = {
            "source": str(source),
            "source_checksum": "none" if fresh else f"sha256:{target.source_sha256}",
            "throw_away": fresh,
            "output": str(folders.work / "output"),
            "accelerator": target.accelerator,
            "machine": machine_options(target.accelerator, target.firmware, folders.work),
            "console": console_options(console),
            "cpus": target.cpus,
            "memory_mb": target.memory_mb,
            "disk_gb": job.disk_gb,
            "seed": str(folders.work / "seed"),
            "ssh_private_key_file": str(write_seed(folders.work)),
            "ssh_timeout": _SSH_TIMEOUT[target.accelerator],
            "registry_mirror": mirror,
        }
        return BuildInputs(
            variables,
            beside,
            source=f"sha256:{target.source_sha256}",
            console=Console(file=console, patience=_CONSOLE_PATIENCE),
        )

    def collect(self, job: BakeJob, folders: RunFolders) -> Artifact:
        image = folders.work / "output" / job.bake
        return Artifact(
            image_id=str(image_file(job.bake)),
            size_bytes=image.stat().st_size,
            sha256=sha256_of(image),
        )


def _check_source(target: LocalTarget) -> None:
    if not target.source_file.exists():
        raise BakeryError(f"the base image {target.source_file} is gone; run `make setup`")
    checksum = sha256_of(target.source_file)
    if checksum != target.source_sha256:
        raise BakeryError(
            f"the base image {target.source_file} is not the one that set-up made (SHA-256 "
            f"{checksum}, expected {target.source_sha256}); remove it and run `make setup`"
        )
