"""The real thing: `make local`'s own commands bake, verify and publish a bootable image.

One bake serves the whole file: the tests run in order, on one stack.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from images import ports
from images.aws import SshTarget
from images.contract import Contract
from images.host import home, read
from images.record import Fact
from tests.engine.literal_pulumi import CHECKOUT, Pulumi, copy_project
from tests.fakes.aws_jobs import BUCKET, REGION, bake_job, target, verify_job
from tests.simulators.aws.moto_account import MotoAccount

#: Software emulation on two slow cores.
BAKE_SECONDS = 2400

pytestmark = [
    pytest.mark.image,
    # the limit of `pulumi up`, and time to end what runs then
    pytest.mark.timeout(BAKE_SECONDS + 300),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulumi]:
    """The checkout's local stack in a copy, with a content store of its own."""
    folder = tmp_path_factory.mktemp("local-image")
    project = copy_project(CHECKOUT, folder / "checkout")
    (project / ".venv").symlink_to(CHECKOUT / ".venv")
    # One processor is the machine's, the other one of this host is for the tests beside it.
    file = project / "Pulumi.local.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["config"]["dstack-images:clouds"]["local"]["cpus"] = 1
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    own = folder / "home"
    own.mkdir()
    # What set-up made is taken as it is; what bakes is new.
    for name in ("machine.json", "base", "registry", "tools"):
        if (home() / name).exists():
            (own / name).symlink_to(home() / name)
    env = {"DSTACK_IMAGES_HOME": str(own), "PULUMI_CONFIG_PASSPHRASE": "", "TMPDIR": str(folder)}
    pulumi = Pulumi(project, folder / "pulumi", "local", env, timeout=BAKE_SECONDS).init()
    yield pulumi
    pulumi.destroy()


def own_processes(stack: Pulumi) -> list[str]:
    """Command lines of every process that works below the stack's folder."""
    folder = str(stack.project.parent).encode()
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if folder in command and int(process.name) != os.getpid():
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_interrupted_while_the_machine_boots_leaves_nothing(stack: Pulumi, tmp_path: Path) -> None:
    log = tmp_path / "up.log"
    process = stack.start("up", *stack.changing(), log=log)
    limit = time.monotonic() + 180
    while b"waiting for SSH" not in log.read_bytes():
        assert time.monotonic() < limit, log.read_text()
        assert process.poll() is None, log.read_text()
        time.sleep(0.5)
    assert any("qemu-system" in command for command in own_processes(stack))
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    limit = time.monotonic() + 60
    while own_processes(stack):
        assert time.monotonic() < limit, own_processes(stack)
        time.sleep(0.5)
    own = Path(stack.env["DSTACK_IMAGES_HOME"])
    assert not list((own / "work").iterdir())
    assert not list(Path(stack.env["TMPDIR"]).glob("dstack-bake-*"))
    assert not (own / "store").exists()


def test_bakes_verifies_and_publishes(stack: Pulumi) -> None:
    done = stack.up()
    contract = Contract.model_validate(stack.outputs()["contract"])
    ((image,),) = (release.images for release in contract.releases)
    assert image.content is not None
    machine = read(home())
    assert image.name == "dstack-0.14"
    assert image.content.source_name == machine.source.name
    assert image.content.versions.docker
    assert image.content.versions.kernel
    assert image.content.package_count > 200
    assert image.verification is not None
    assert all(check.ok for check in image.verification.checks)
    if machine.prepull is not None:
        assert "demonstration" in done.output
        tagged = {ref.split("@")[0]: ref.split("@")[1] for ref in machine.prepull.images}
        assert image.content.docker_images == tagged
    for phase in ("boot: connected", "step docker", "capture", "checks"):
        assert phase in done.output


def test_published_file_is_a_whole_disk_of_its_own(stack: Pulumi) -> None:
    file = stack.outputs()["images"]["local"]["cpu"]["here"]
    told = subprocess.run(
        ["qemu-img", "info", "--output=json", file], capture_output=True, check=True
    )
    info = json.loads(told.stdout)
    assert info["format"] == "qcow2"
    assert info["virtual-size"] == 8 << 30
    assert "backing-filename" not in info
    subprocess.run(["qemu-img", "check", "-q", file], check=True)


@dataclass(frozen=True)
class Running:
    """A machine that was started by the README's own lines, and the way in."""

    port: int
    key: Path

    def run(self, command: str) -> str:
        options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
        options += ("-o", "ConnectTimeout=10", "-i", str(self.key), "-p", str(self.port))
        told = subprocess.run(
            ["ssh", *options, "ubuntu@127.0.0.1", command],
            capture_output=True,
            text=True,
            check=False,
        )
        return told.stdout + told.stderr


@pytest.fixture(scope="module")
def running(stack: Pulumi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The published image by the README's lines, with this test's key, folder and ports in them."""
    folder = tmp_path_factory.mktemp("readme")
    blocks = (CHECKOUT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    script = next(block for block in blocks if "qemu-system-x86_64" in block).split("```")[0]
    key = folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (http_holder, http), (ssh_holder, ssh) = ports.reserve(), ports.reserve()
    for old, new in {
        "/tmp/seed": f"{folder}/seed",
        "~/.ssh/id_ed25519.pub": f"{key}.pub",
        "8000": str(http),
        "2222": str(ssh),
        "-smp 2": "-smp 1",
    }.items():
        assert old in script
        script = script.replace(old, new)
    login = f"ssh -p {ssh} ubuntu@127.0.0.1"
    assert login in script
    machine = subprocess.Popen(
        ["bash", "-c", script.replace(login, "wait")],
        cwd=stack.project,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with http_holder, ssh_holder:
        try:
            yield Running(ssh, key)
        finally:
            os.killpg(machine.pid, signal.SIGKILL)
            machine.wait()


def test_image_boots_by_the_readme(running: Running) -> None:
    limit = time.monotonic() + 600
    answer = ""
    while "cgroupfs" not in answer:
        assert time.monotonic() < limit, answer
        answer = running.run("sudo docker info --format '{{.CgroupDriver}}'")
        time.sleep(2)


def test_amazon_ebs_provisions_and_checks_a_real_machine(running: Running, tmp_path: Path) -> None:
    """AWS is simulated; its machine is the one above, reached by `clouds.aws.ssh`."""
    boot = running.run("cat /proc/sys/kernel/random/boot_id")
    # Its kernel is the newest already, so nothing would ask for a restart.
    running.run("sudo touch /run/reboot-required")
    with MotoAccount() as account:
        ec2: Any = account.client("ec2", REGION)
        public = running.key.with_suffix(".pub").read_bytes()
        ec2.import_key_pair(KeyName="machine", PublicKeyMaterial=public)
        place: Any = {"LocationConstraint": REGION}
        account.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        ssh = SshTarget(
            host="127.0.0.1",
            port=running.port,
            key_pair="machine",
            private_key_file=str(running.key),
        )
        there = target(account.address, account.source_ami, ssh)
        record = json.loads(bakery("bake", bake_job(there), account, tmp_path))
        verification = json.loads(bakery("verify", verify_job(there), account, tmp_path))
        names = [ami["Name"] for ami in ec2.describe_images(Owners=["self"])["Images"]]
    assert record["versions"]["docker"], "the inventory was taken in the machine"
    assert record["builder"]["packer"]
    assert record["restarted"]
    assert running.run("cat /proc/sys/kernel/random/boot_id") != boot
    assert [(check["name"], check["ok"]) for check in verification["checks"]] == [
        ("boot", True),
        ("login-user", True),
    ]
    assert names == [record["name"]], "what was only checked left no image"


def bakery(work: str, job: Fact, account: MotoAccount, folder: Path) -> str:
    """The record; fails with what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "bakery", work],
        cwd=CHECKOUT,
        env={**os.environ, **account.env, "DSTACK_IMAGES_HOME": str(folder)},
        input=job.model_dump_json(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_second_up_runs_no_packer(stack: Pulumi) -> None:
    logs = sorted((Path(stack.env["DSTACK_IMAGES_HOME"]) / "logs").rglob("*.log"))
    assert "6 unchanged" in stack.up().output
    assert sorted((Path(stack.env["DSTACK_IMAGES_HOME"]) / "logs").rglob("*.log")) == logs


def test_destroy_leaves_the_content_only(stack: Pulumi) -> None:
    stack.destroy()
    assert not (stack.project / "dist").exists()
    kept = list((Path(stack.env["DSTACK_IMAGES_HOME"]) / "store").glob("*/image.qcow2"))
    assert len(kept) == 1
